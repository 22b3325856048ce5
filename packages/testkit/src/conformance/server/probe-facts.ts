import type { DeterminismLevel } from "inference-worker-protocol";
import { MetricsSnapshot, type CallOptions, type WorkerClient } from "../../client/index.js";
import { isTestkitError, reasonOf } from "../../errors/index.js";
import type { ProbedFacts } from "../capabilities.js";
import { CheckTarget } from "../target/check-target.js";

const MOST_QUESTION_MS = 5_000;
const JOB_TOKENS = 4;

/** Bounds of the questions. */
export interface Asked {
  readonly signal: AbortSignal;
  /** Time-out of the first job, which may load the model. */
  readonly firstJobMs: number;
}

/** Finds out what a server has, by asking for it. Never rejects for what the server answers. */
export async function probeFacts(client: WorkerClient, { signal, firstJobMs }: Asked): Promise<ProbedFacts> {
  const call = { signal, timeoutMs: Math.min(MOST_QUESTION_MS, firstJobMs) };
  const { dialect } = client;
  const models = await attempt(dialect.models, "list of models", () => listModels(client, call));
  const health = await attempt(dialect.health, "health", () => client.health(call));
  const slots = await attempt(dialect.slots, "report of its slots", () => client.slots(call));
  const metrics = await attempt(dialect.metrics, "metrics", () => readMetrics(client, call));
  const jobs = await runJobs(client, { signal, firstJobMs });
  const determinism: readonly DeterminismLevel[] = health.answer?.determinism ?? [];
  return {
    modelNames: models.answer ?? [],
    noModels: models.reason,
    noHealth: health.reason,
    noSlots: slots.reason,
    noMetrics: metrics.reason,
    noUsage: jobs.noUsage,
    shortJobMs: jobs.shortJobMs,
    slotCount: slots.answer?.total,
    metricNames: [...new Set(metrics.answer?.samples.map(({ name }) => name))],
    determinism,
  };
}

/** Metrics that cannot be read are there, and wrong. */
async function readMetrics(client: WorkerClient, call: CallOptions): Promise<MetricsSnapshot> {
  try {
    return await client.metrics(call);
  } catch (error) {
    if (isTestkitError(error, "INVALID_RESPONSE")) return new MetricsSnapshot("", []);
    throw error;
  }
}

async function attempt<T>(part: unknown, what: string, ask: () => Promise<T>) {
  if (part === undefined) return { reason: `the dialect has no ${what}` };
  try {
    return { answer: await ask(), reason: undefined };
  } catch (error) {
    return { reason: `the server has no ${what}: ${reasonOf(error)}` };
  }
}

async function listModels(client: WorkerClient, call: CallOptions): Promise<readonly string[]> {
  const { models } = client.dialect;
  if (models === undefined) return [];
  const response = await client.request(models.path, call);
  if (!models.accepts.includes(response.status)) {
    response.abort("it is not a list");
    throw new Error(`GET ${models.path} answers ${response.status}`);
  }
  return models.parse(await response.text());
}

/** Runs two short jobs: the first one may load the model, the second one shows how fast the server is. */
async function runJobs(client: WorkerClient, { signal, firstJobMs: silenceMs }: Asked) {
  const { baseUrl: url, dialect, model, headers } = client;
  const target = new CheckTarget({
    facts: { url, dialect, model, headers },
    signal,
    name: "conformance-probe",
    silenceMs,
  });
  try {
    const { end } = await target.attempt("Hello", { max_tokens: JOB_TOKENS });
    if (end === undefined) return { noUsage: "the first request did not complete, so it is unknown" };
    const { durationMs } = await target.attempt("Hello again", { max_tokens: JOB_TOKENS });
    const isCounted = end.tokens_out_estimated !== true;
    return {
      noUsage: isCounted ? undefined : "the server does not report the number of tokens",
      shortJobMs: durationMs,
    };
  } catch (error) {
    return { noUsage: `the first request failed, so it is unknown: ${reasonOf(error)}` };
  } finally {
    await target.close();
  }
}
