import { checkKnownOptions, checkPositive } from "../../errors/index.js";
import type { RequestMetric } from "./definitions.js";
import { measureRequest } from "./request-metrics.js";
import type { RequestRecord } from "./request-record.js";

/** What every single request has to meet to count for goodput, in ms; in an open loop TTFT and E2E are judged from schedule. */
export interface RequestLimits {
  readonly ttftMs?: number | undefined;
  readonly tpotMs?: number | undefined;
  readonly e2eMs?: number | undefined;
  readonly longestStallMs?: number | undefined;
}

/** From which moment latencies are judged. */
export type JudgedFrom = "schedule" | "send";

const NAMES = ["ttftMs", "tpotMs", "e2eMs", "longestStallMs"] as const satisfies (keyof RequestLimits)[];

/** @throws {INVALID_OPTION} a misspelt limit, or one that is no positive number. */
export function checkRequestLimits(name: string, limits: RequestLimits): void {
  checkKnownOptions(name, limits, NAMES);
  for (const limit of NAMES) if (limits[limit] !== undefined) checkPositive(`${name}.${limit}`, limits[limit]);
}

/** The metric that a limit is held against. */
export function judgedMetric(metric: "ttft" | "e2e", from: JudgedFrom): RequestMetric {
  return from === "send" ? metric : `${metric}FromSchedule`;
}

/** Whether a request is ok and meets all limits. What has no value (no second token, say) breaks no limit. */
export function meetsLimits(record: RequestRecord, limits: RequestLimits, from: JudgedFrom): boolean {
  if (record.status !== "ok") return false;
  const within = (metric: RequestMetric, limit = Infinity) => (measureRequest(record, metric) ?? 0) <= limit;
  return (
    within(judgedMetric("ttft", from), limits.ttftMs) &&
    within(judgedMetric("e2e", from), limits.e2eMs) &&
    within("tpot", limits.tpotMs) &&
    within("longestStall", limits.longestStallMs)
  );
}

/** The limits one by one, with the metric that each is about. */
export function listRequestLimits(limits: RequestLimits): { metric: RequestMetric; limitMs: number }[] {
  return NAMES.flatMap((name) => {
    const limitMs = limits[name];
    return limitMs === undefined ? [] : [{ metric: name.slice(0, -2) as RequestMetric, limitMs }];
  });
}
