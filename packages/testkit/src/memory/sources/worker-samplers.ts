import { isTestkitError } from "../../errors/index.js";
import type { WorkerTestHarness } from "../../harness/index.js";
import { allMissing, type HealthFacts, type ReadOptions, type Figure, type Sampler } from "./source.js";

const CALL_TIMEOUT_MS = 5_000;

/** The worker's own figure in `GET /health`. */
export function createHealthSampler(worker: WorkerTestHarness): Sampler {
  return {
    names: ["worker-health"],
    everyMs: 0,
    read: async ({ signal }: ReadOptions) => {
      const { health: endpoint, name } = worker.dialect;
      if (endpoint === undefined) return allMissing(["worker-health"], `the dialect \`${name}\` has no health`, true);
      try {
        const health = await readHealth(worker, signal);
        return { health, figures: { "worker-health": toFigure(health) } };
      } catch (error) {
        return allMissing(["worker-health"], describe(error));
      }
    },
  };
}

/** The worker's own figure in `GET /metrics`. */
export function createMetricsSampler(worker: WorkerTestHarness): Sampler {
  return {
    names: ["worker-metrics"],
    everyMs: 0,
    read: async ({ signal }: ReadOptions) => {
      try {
        const bytes = (await worker.metrics({ signal, timeoutMs: CALL_TIMEOUT_MS })).value("worker_vram_bytes");
        if (bytes !== undefined) return { figures: { "worker-metrics": { bytes } } };
        return allMissing(["worker-metrics"], "`/metrics` has no `worker_vram_bytes`", true);
      } catch (error) {
        const noSuchPath = isTestkitError(error, "HTTP_FAILED") && error.details["status"] === 404;
        return allMissing(["worker-metrics"], describe(error), noSuchPath);
      }
    },
  };
}

/** What a worker reports about itself, however much of the protocol it implements. */
export async function readHealth(worker: WorkerTestHarness, signal: AbortSignal): Promise<HealthFacts> {
  const { health } = worker.dialect;
  if (health === undefined) return readSlots(worker, signal);
  const body = await (await worker.request(health.path, { signal, timeoutMs: CALL_TIMEOUT_MS })).json();
  const fields = asRecord(body);
  const { busy, queued } = asRecord(fields["slots"]);
  return {
    slots: typeof busy === "number" ? { busy, queued: asNumber(queued) ?? 0 } : undefined,
    pid: asNumber(fields["pid"]),
    uptimeSeconds: asNumber(fields["uptime_seconds"]),
    device: typeof fields["device"] === "string" ? fields["device"] : undefined,
    vramBytes: asNumber(fields["vram_bytes"]),
  };
}

/** The facts of a server without a health endpoint. If it does not report how busy it is, the caller decides when it is idle. */
async function readSlots(worker: WorkerTestHarness, signal: AbortSignal): Promise<HealthFacts> {
  if (worker.dialect.slots === undefined) return {};
  try {
    const { busy, queued = 0 } = await worker.slots({ signal, timeoutMs: CALL_TIMEOUT_MS });
    return { slots: { busy, queued } };
  } catch (error) {
    if (isTestkitError(error, "HTTP_FAILED") || isTestkitError(error, "INVALID_RESPONSE")) return {};
    throw error;
  }
}

function toFigure({ vramBytes }: HealthFacts): Figure {
  return vramBytes === undefined ? { missing: "`/health` has no `vram_bytes`", permanent: true } : { bytes: vramBytes };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function asNumber(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** Only the first line: the worker's log lines do not belong in a reason. */
function describe(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "";
}
