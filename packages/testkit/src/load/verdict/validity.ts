import { judgeStreaming, type StreamingVerdict } from "../../events/index.js";
import { median } from "../../numbers/index.js";
import { isMeanOverTokens, type LatencyMetric } from "../metrics/registry.js";
import { collectValues } from "../metrics/request-metrics.js";
import { countTokens, type RequestRecord } from "../metrics/request-record.js";
import type { StoredLoadResult } from "../result.js";
import type { InvalidReason, ValidityVerdict } from "./validity-verdict.js";

/** The bounds beyond which a run is invalid. */
export const VALIDITY_BOUNDS = {
  /** Achieved / requested rate. */
  rateRatio: 0.98,
  clientDelayMedianMs: 10,
  /** Event-loop delay p99 as a share of the shortest time limit. */
  eventLoopShareOfLimit: 0.1,
  /** Share of a core used by one client thread. */
  cpuShare: 0.8,
  tokenDifference: 0.02,
  /** Requests whose tokens were held back and sent at once, as a share of those that show it either way. */
  heldBackShare: 0.5,
  /** Fewer may be pauses of a busy machine, unless an answer took `sureGenerationMs`. */
  heldBackCount: 5,
  sureGenerationMs: 1_000,
} as const;

/** The parts of a result that decide its validity. */
export type ValidityFacts = Pick<StoredLoadResult, "ended" | "status" | "rate" | "records" | "clients" | "tokenCheck">;

/** A limit in ms that a run is checked against. */
export interface TimeLimit {
  readonly metric: LatencyMetric;
  readonly limitMs: number;
}

/** @param limits all limits in ms that the run is checked against: they decide how precise the client must be. */
export function judgeValidity(facts: ValidityFacts, limits: readonly TimeLimit[]): ValidityVerdict {
  const reasons = [
    ...findIncomplete(facts),
    ...findRateMissed(facts),
    ...findClientDelay(facts),
    ...findLoopDelay(facts, limits),
    ...findCpu(facts),
    ...findTokenDifference(facts),
    ...findHeldBack(facts),
  ];
  return reasons.length === 0 ? { status: "valid", reasons: [] } : { status: "invalid", reasons };
}

function findIncomplete({ status, ended, records }: ValidityFacts): InvalidReason[] {
  const reasons: InvalidReason[] = [];
  if (records.length === 0) {
    reasons.push({ code: "nothing-sent", value: 0, limit: 1, message: "no request was sent" });
  }
  if (status === "partial") {
    const message = `the run is partial (${ended.by}): ${ended.message}`;
    reasons.push({ code: "partial", value: records.length, limit: records.length, message });
  }
  return reasons;
}

function findRateMissed({ rate }: ValidityFacts): InvalidReason[] {
  const limit = VALIDITY_BOUNDS.rateRatio;
  if (rate === null || rate.ratio >= limit) return [];
  const { achievedPerSec, requestedPerSec, ratio } = rate;
  const rates = `${achievedPerSec.toFixed(2)} requests/s were sent of ${requestedPerSec.toFixed(2)} requested`;
  return [
    {
      code: "rate-missed",
      value: ratio,
      limit,
      message: `${rates}: a ratio of ${ratio.toFixed(3)}, expected at least ${limit}`,
    },
  ];
}

function findClientDelay({ records }: ValidityFacts): InvalidReason[] {
  const limit = VALIDITY_BOUNDS.clientDelayMedianMs;
  const value = records.length === 0 ? 0 : median(collectValues(records, "clientDelay"));
  if (value < limit) return [];
  const connecting = median(records.map(({ handOverMs, sendMs }) => sendMs - handOverMs));
  const late = `the client sent its requests ${value.toFixed(1)} ms late (median), expected below ${limit} ms`;
  const message = `${late}; of that, ${connecting.toFixed(1)} ms waiting for a connection: does the worker accept connections fast enough?`;
  return [{ code: "client-delay", value, limit, message: connecting < limit / 2 ? late : message }];
}

function findLoopDelay(facts: ValidityFacts, limits: readonly TimeLimit[]): InvalidReason[] {
  const shortestMs = Math.min(...limits.map((limit) => findStretch(limit, facts.records)));
  const limit = shortestMs * VALIDITY_BOUNDS.eventLoopShareOfLimit;
  const value = Math.max(0, ...facts.clients.map((client) => client.eventLoopDelayMs.p99));
  if (value <= limit) return [];
  const delay = `the client's event loop was ${value.toFixed(1)} ms late (p99)`;
  const message = `${delay}, more than 10 % of the shortest time that a limit spans (${shortestMs.toFixed(1)} ms)`;
  return [{ code: "event-loop-delay", value, limit, message }];
}

/** The time that a limit spans. A limit on TPOT spans all tokens of a request: a late event loop shifts only its two ends. */
function findStretch({ metric, limitMs }: TimeLimit, records: ValidityFacts["records"]): number {
  if (!isMeanOverTokens(metric)) return limitMs;
  const counts = records.filter(({ status }) => status === "ok").map((record) => countTokens(record).count);
  return counts.length === 0 ? limitMs : limitMs * Math.max(1, median(counts) - 1);
}

/** Without a request the window is empty, and a CPU share of it is meaningless. */
function findCpu({ clients, records }: ValidityFacts): InvalidReason[] {
  if (records.length === 0) return [];
  const limit = VALIDITY_BOUNDS.cpuShare;
  const value = Math.max(0, ...clients.map((client) => client.cpuShare));
  if (value < limit) return [];
  const used = `a client thread used ${Math.round(value * 100)} % of a core`;
  return [{ code: "client-cpu", value, limit, message: `${used}, expected below 80 %: raise \`clientThreads\`` }];
}

function findTokenDifference({ tokenCheck }: ValidityFacts): InvalidReason[] {
  const limit = VALIDITY_BOUNDS.tokenDifference;
  if (tokenCheck.status === "unavailable" || tokenCheck.difference <= limit) return [];
  const { counted, workerCounted, difference } = tokenCheck;
  const message = `the requests have ${counted} tokens, the worker counted ${workerCounted}: is another client using it?`;
  return [{ code: "token-count", value: difference, limit, message }];
}

/**
 * Tokens that were held back have no time of their own: TTFT is then the end-to-end latency, and the inter-token latency nothing at all.
 * Judged only where the server reports how long it generated: without that, a long wait may be the queue.
 */
function findHeldBack({ records }: ValidityFacts): InvalidReason[] {
  const judged = records.map((record) => ({ record, verdict: judgeRecord(record) }));
  const verdicts = judged.filter(({ verdict }) => verdict !== "unproven");
  const heldBack = verdicts.filter(({ verdict }) => verdict === "held-back");
  const { length: heldBackCount } = heldBack;
  const value = verdicts.length === 0 ? 0 : heldBackCount / verdicts.length;
  const limit = VALIDITY_BOUNDS.heldBackShare;
  const isSure = heldBack.some(({ record }) => (record.decodeMs ?? 0) >= VALIDITY_BOUNDS.sureGenerationMs);
  if (value <= limit || (heldBackCount < VALIDITY_BOUNDS.heldBackCount && !isSure)) return [];
  const message = `the tokens of ${heldBackCount} of ${verdicts.length} requests were held back and sent at once: TTFT and inter-token latency measure no generation`;
  return [{ code: "not-streamed", value, limit, message }];
}

function judgeRecord({
  status,
  sendMs,
  firstMs,
  lastMs,
  contentEventCount,
  decodeMs,
}: RequestRecord): StreamingVerdict {
  if (status !== "ok" || decodeMs === undefined || firstMs === null || lastMs === null) return "unproven";
  const [waitMs, spreadMs] = [firstMs - sendMs, lastMs - firstMs];
  return judgeStreaming({ contentCount: contentEventCount, waitMs, spreadMs, decodeMs });
}
