import { basename } from "node:path";
import { parseJson } from "inference-worker-protocol";
import { VERSION_PLACES } from "../dialects/index.js";
import type { WorkerFacts } from "../evidence/index.js";
import type { WorkerTestHarness } from "../harness/index.js";
import { isRecord } from "../options/index.js";
import type { WorkerKey } from "./transcript.js";

const INTERPRETERS = /^(node|bun|deno|python[\d.]*)(\.exe)?$/;
const ASK_MS = 2000;
const LONGEST_VALUE = 200;
const UNKNOWN = "unknown";

/** It is asked once: neither a test nor a restart changes it. */
const known = new WeakMap<WorkerTestHarness, Promise<WorkerKey>>();

/**
 * What the output of the worker depends on, as far as it can be known. What cannot is `unknown`, so that the user sees what to name.
 *
 * @param own entries of the user, which replace those of the worker.
 */
export async function readWorkerKey(
  worker: WorkerTestHarness,
  own: Readonly<Record<string, string | undefined>> = {},
): Promise<WorkerKey> {
  const reported = known.get(worker) ?? readReported(worker);
  known.set(worker, reported);
  const named = Object.entries({ ...(await reported), ...own });
  return Object.fromEntries(named.map(([name, value = UNKNOWN]) => [name, value]));
}

async function readReported(worker: WorkerTestHarness): Promise<WorkerKey> {
  const facts = await worker.internals.recordings.describe();
  const { version, model, device, modelFile } = facts;
  const health = device === undefined ? await readFields(worker, worker.dialect.health?.path) : {};
  const found = {
    server: worker.server ?? nameProgram(facts),
    version: version ?? (await askVersion(worker)),
    model: modelFile?.sha256 ?? worker.model ?? model ?? textOf(health["model"]),
    device: device ?? textOf(health["device"]),
  };
  const named = Object.entries(found).map(([name, value = UNKNOWN]) => [name, value] as const);
  return { dialect: worker.dialect.name, ...Object.fromEntries(named) };
}

/** The program, or the script that an interpreter runs. */
function nameProgram({ command, args = [] }: WorkerFacts): string | undefined {
  if (command === undefined) return undefined;
  const script = INTERPRETERS.test(basename(command)) ? args.find((arg) => !arg.startsWith("-")) : undefined;
  return basename(script ?? command).replace(/\.(cjs|mjs|js|py|exe)$/, "");
}

async function askVersion(worker: WorkerTestHarness): Promise<string | undefined> {
  for (const { path, field } of VERSION_PLACES) {
    const version = textOf((await readFields(worker, path))[field]);
    if (version !== undefined) return version;
  }
  return undefined;
}

/** The fields of a JSON answer; none if there is no such answer. */
async function readFields(
  worker: WorkerTestHarness,
  path: string | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  if (path === undefined) return {};
  try {
    const response = await worker.request(path, { method: "GET", timeoutMs: ASK_MS });
    const fields = parseJson(await response.text());
    return response.ok && isRecord(fields) ? fields : {};
  } catch {
    return {};
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value.slice(0, LONGEST_VALUE) : undefined;
}
