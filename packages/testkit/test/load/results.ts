import type { ExecuteRequest } from "inference-worker-protocol";
import { makeTestRequest } from "../../src/requests/index.js";
import type { LoadOptions, LoadResult, RequestRecord } from "../../src/load/index.js";
import { ItlHistogram } from "../../src/load/metrics/itl-histogram.js";
import type { ProgressGap } from "../../src/load/metrics/progress-timeline.js";
import { buildResult, type RawRun } from "../../src/load/run/build-result.js";
import type { ClientLoad } from "../../src/load/run/client-watch.js";
import { resolveLoadOptions, type ResolvedLoadOptions } from "../../src/load/run/options.js";
import type { PhaseReport } from "../../src/load/run/join-phases.js";
import type { PhaseProfile } from "../../src/load/schedule/profile.js";
import { planLoad } from "../../src/load/schedule/plan-load.js";

/** A record of a request that went well: sent on time at `index * 10`, first token 50 ms later, 21 tokens, 10 ms each. */
export function makeRecord(index: number, fields: Partial<RequestRecord> = {}): RequestRecord {
  const schedMs = fields.schedMs ?? index * 10;
  const sendMs = fields.sendMs ?? schedMs;
  const firstMs = fields.firstMs === undefined ? sendMs + 50 : fields.firstMs;
  const lastMs = fields.lastMs === undefined ? (firstMs ?? 0) + 200 : fields.lastMs;
  return {
    index,
    jobId: `job-${index}`,
    status: "ok",
    stage: 0,
    client: 0,
    schedMs,
    handOverMs: sendMs,
    sendMs,
    headersMs: sendMs + 1,
    firstMs,
    lastMs,
    terminalMs: lastMs,
    closeMs: (lastMs ?? sendMs) + 1,
    tokensOut: 21,
    contentEventCount: 21,
    longestStallMs: 11,
    ...fields,
  };
}

/** What of a result is not made from records. */
export interface ResultFacts extends Partial<Pick<RawRun, "ended">>, Partial<Pick<PhaseReport, "counters">> {
  readonly options?: Partial<LoadOptions>;
  readonly client?: Partial<ClientLoad>;
  readonly itlMs?: readonly number[];
  readonly gaps?: readonly ProgressGap[];
}

export const request: ExecuteRequest = makeTestRequest("job", "Hello", 5);

/** A result as `runLoad()` would make it from these records. */
export async function makeResult(records: readonly RequestRecord[], facts: ResultFacts = {}): Promise<LoadResult> {
  const profile = { kind: "constant", ratePerSec: 100 } as const;
  const options = resolveLoadOptions({ profile, requests: [request], stop: { count: 100 }, ...facts.options });
  const itl = await ItlHistogram.create();
  for (const valueMs of facts.itlMs ?? []) itl.add(valueMs);
  const load: ClientLoad = {
    client: 0,
    eventLoopDelayMs: { p50: 0.1, p95: 0.3, p99: 0.5, max: 2 },
    cpuShare: 0.2,
    cpuSource: "thread",
    ...facts.client,
  };
  return buildResult({
    options,
    startedAt: "2026-01-01T00:00:00.000Z",
    ended: facts.ended ?? { by: "schedule", message: "all requests were sent" },
    health: undefined,
    warmup: null,
    phases: [
      {
        step: 0,
        requestCount: countPlanned(options),
        counters: facts.counters ?? [{ reason: "/metrics has none" }, { reason: "/metrics has none" }],
        reports: [{ records, itl: itl.encode(), gaps: facts.gaps ?? [], load }],
      },
    ],
  });
}

/** The number of requests that a run has; Infinity if only the time ends it. */
export function countPlanned({ profile, stop, seed }: ResolvedLoadOptions): number {
  const schedule = planLoad(profile as PhaseProfile, stop, seed);
  return schedule.kind === "open" ? schedule.arrivals.length : schedule.count;
}

/** So many records. */
export function makeRecords(
  count: number,
  fields: (index: number) => Partial<RequestRecord> = () => ({}),
): RequestRecord[] {
  return Array.from({ length: count }, (_, index) => makeRecord(index, fields(index)));
}
