import type { DeterminismLevel } from "inference-worker-protocol";
import type { WorkerClient } from "../../client/index.js";
import { collectStream } from "../../events/index.js";
import { makeTestRequest } from "../../requests/index.js";
import type { ProbedFacts } from "../capabilities.js";

const QUESTION_MS = 5_000;
/** The first request of a server may load the model. */
const FIRST_REQUEST_MS = 60_000;

/** Finds out what a server has, by asking for it. Never rejects for what the server answers. */
export async function probeFacts(client: WorkerClient, signal: AbortSignal): Promise<ProbedFacts> {
  const call = { signal, timeoutMs: QUESTION_MS };
  const { dialect } = client;
  const models = await attempt(dialect.models, "list of models", () => listModels(client, signal));
  const health = await attempt(dialect.health, "health", () => client.health(call));
  const slots = await attempt(dialect.slots, "report of its slots", () => client.slots(call));
  const metrics = await attempt(dialect.metrics, "metrics", () => client.metrics(call));
  const determinism: readonly DeterminismLevel[] = health.answer?.determinism ?? [];
  return {
    modelNames: models.answer ?? [],
    noModels: models.reason,
    noHealth: health.reason,
    noSlots: slots.reason,
    noMetrics: metrics.reason,
    noUsage: await findUsage(client, signal),
    slotCount: slots.answer?.total,
    determinism,
  };
}

async function attempt<T>(part: unknown, what: string, ask: () => Promise<T>) {
  if (part === undefined) return { reason: `the dialect has no ${what}` };
  try {
    return { answer: await ask(), reason: undefined };
  } catch (error) {
    return { reason: `the server has no ${what}: ${firstLine(error)}` };
  }
}

async function listModels(client: WorkerClient, signal: AbortSignal): Promise<readonly string[]> {
  const { models } = client.dialect;
  if (models === undefined) return [];
  const response = await client.request(models.path, { signal, timeoutMs: QUESTION_MS });
  if (!models.accepts.includes(response.status)) {
    response.abort("it is not a list");
    throw new Error(`GET ${models.path} answers ${response.status}`);
  }
  return models.parse(await response.text());
}

async function findUsage(client: WorkerClient, signal: AbortSignal): Promise<string | undefined> {
  const request = makeTestRequest("conformance-probe", "Hello", 4, { seed: null, temperature: 0 });
  try {
    const response = await client.execute(request, { signal, timeouts: { totalMs: FIRST_REQUEST_MS } });
    const { terminal } = await collectStream(response, { signal });
    if (terminal?.type !== "end") return "the first request did not complete, so it is unknown";
    return terminal.tokens_out_estimated === true ? "the server does not report the number of tokens" : undefined;
  } catch (error) {
    return `the first request failed, so it is unknown: ${firstLine(error)}`;
  }
}

function firstLine(error: unknown): string {
  const [first = ""] = (error instanceof Error ? error.message : String(error)).split("\n", 1);
  return first.replace(/^\[\w+\] /, "");
}
