import { formatMs, withUnit } from "../../numbers/index.js";
import { checkResults } from "../check-results.js";
import type { Distribution } from "../metrics/distribution.js";
import { judgedMetric } from "../metrics/judged-from.js";
import { NOT_RECORDED, type NotRecorded } from "../metrics/recorded.js";
import { METRICS, type MetricKey } from "../metrics/registry.js";
import { listSlo } from "../metrics/slo.js";
import type { StoredLoadResult } from "../result.js";
import { notEnoughSamples, type NotEnoughSamples } from "../stats/sample-floor.js";
import {
  checkRunLimits,
  limitErrors,
  listFigureLimits,
  listLatencyLimits,
  type LatencyLimit,
  type RunLimits,
} from "./run-limits.js";
import { ENDED_AT_ONCE, endedAtOnce } from "./ended-at-once.js";
import { STALL_BOUNDS } from "./stalls.js";
import type { ValidityVerdict } from "./validity-verdict.js";
import { judgeValidity } from "./validity.js";

/** One limit with the measured value. */
export interface LimitCheck {
  readonly status: "pass" | "fail" | "not-enough-samples" | "not-recorded";
  /** "ttft p95", "errors". */
  readonly name: string;
  /** Key of the definition. */
  readonly metric: MetricKey;
  readonly comparison: "at most" | "at least";
  readonly limit: number;
  readonly value: number | NotEnoughSamples | NotRecorded;
  readonly unit: string;
  /** The check as a sentence. */
  readonly message: string;
}

/** How a run compares with its limits. `invalid`: the run does not measure the worker, so the checks prove nothing. */
export interface LimitsVerdict {
  readonly status: LimitCheck["status"] | "invalid";
  readonly checks: readonly LimitCheck[];
  /** Judged by these limits and those of the run. */
  readonly validity: ValidityVerdict;
}

/** Worst first. */
const WORST_FIRST = ["fail", "not-recorded", "not-enough-samples"] as const;

/**
 * Checks a run against limits.
 *
 * @throws {INVALID_OPTION} an invalid limit, or none.
 * @example judgeLimits(result, { ttft: { p95: 200 } }).status // "not-enough-samples"
 */
export function judgeLimits(result: StoredLoadResult, limits: RunLimits): LimitsVerdict {
  checkResults("result", [result]);
  checkRunLimits(limits);
  const latencyLimits = listLatencyLimits(limits);
  const checks = [
    ...latencyLimits.map((limit) => checkLatency(result, limit)),
    ...checkFigures(result, limitErrors(limits)),
    ...checkAnyOk(result),
    ...checkStalls(result, limits),
  ];
  const validity = judgeValidity(result, [...listSlo(result.plan.slo), ...latencyLimits]);
  return { status: findStatus(checks, validity), checks, validity };
}

function findStatus(checks: readonly LimitCheck[], validity: ValidityVerdict): LimitsVerdict["status"] {
  if (validity.status === "invalid") return "invalid";
  return WORST_FIRST.find((status) => checks.some((check) => check.status === status)) ?? "pass";
}

function checkLatency({ latency, plan }: StoredLoadResult, { metric, statistic, limitMs }: LatencyLimit): LimitCheck {
  const judged = judgedMetric(metric, plan.judgedFrom);
  const value = readStatistic(latency[judged], statistic);
  return toCheck({ name: `${metric} ${statistic}`, metric: judged, comparison: "at most", limit: limitMs, value });
}

function readStatistic(given: Distribution | undefined, statistic: LatencyLimit["statistic"]): LimitCheck["value"] {
  if (given === undefined) return NOT_RECORDED;
  if (statistic === "mean" || statistic === "max") return given[statistic] ?? notEnoughSamples(0, 1);
  return given.percentiles[statistic];
}

function checkFigures({ figures }: StoredLoadResult, limits: RunLimits): LimitCheck[] {
  return listFigureLimits(limits).map((limit) => {
    return toCheck({ ...limit, name: limit.metric, value: figures[limit.metric]?.value ?? NOT_RECORDED });
  });
}

/** Without one ok request nothing was measured, however many errors are allowed. */
function checkAnyOk({ counts }: StoredLoadResult): LimitCheck[] {
  const value = counts.byStatus.ok ?? 0;
  if (value > 0 || counts.attempted === 0) return [];
  const check = toCheck({ name: "ok requests", metric: "errors", comparison: "at least", limit: 1, value });
  return [endedAtOnce(counts) ? { ...check, message: `${check.message}; ${ENDED_AT_ONCE}` } : check];
}

/**
 * A percentile is one over requests, and a closed loop has few requests in flight: a server that stands still for a fifth of the time can
 * meet a p99. This is a limit over time; one on `longestStall` replaces it.
 */
function checkStalls({ stalls, window }: StoredLoadResult, limits: RunLimits): LimitCheck[] {
  const [first] = stalls ?? [];
  if (stalls === undefined || stalls === null || first === undefined || limits.longestStall !== undefined) return [];
  const value = stalls.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const limit = Math.round(window.durationMs * STALL_BOUNDS.shareOfRun);
  const check = toCheck({ name: "stalled time", metric: "longestStall", comparison: "at most", limit, value });
  const longest = stalls.reduce((most, stall) => (stall.durationMs > most.durationMs ? stall : most), first);
  const { startMs, durationMs, heldCount, limitMs } = longest;
  const which = stalls.length === 1 ? "" : `${stalls.length} stalls, the longest: `;
  const held =
    heldCount === 1 ? "the only request in flight did not make" : `none of ${heldCount} requests in flight made`;
  const message = `${check.message} (${which}from ${formatMs(startMs)} on, ${held} progress for ${formatMs(durationMs)}; a stall in this run is longer than ${formatMs(limitMs)})`;
  return [{ ...check, message }];
}

function toCheck(given: Pick<LimitCheck, "name" | "metric" | "comparison" | "limit" | "value">): LimitCheck {
  const { name, metric, comparison, limit, value } = given;
  const { unit } = METRICS[metric];
  const wanted = `${name} ${comparison} ${unit === "share" ? limit : withUnit(String(limit), unit)}`;
  if (typeof value !== "number")
    return { ...given, unit, status: value.status, message: `${wanted}: ${value.message}` };
  const status = (comparison === "at most" ? value <= limit : value >= limit) ? "pass" : "fail";
  return { ...given, unit, status, message: `${wanted}: got ${Math.round(value * 1000) / 1000}` };
}
