import { METRIC_DEFINITIONS, type LatencyMetric, type MetricKey } from "../metrics/definitions.js";
import type { Distribution } from "../metrics/distribution.js";
import { judgedMetric, listRequestLimits } from "../metrics/request-limits.js";
import { checkResults } from "../check-results.js";
import type { LoadResult } from "../result.js";
import { notEnoughSamples, type NotEnoughSamples } from "../stats/sample-floor.js";
import { checkLoadLimits, limitErrors, listLatencyLimits, type LatencyLimit, type LoadLimits } from "./load-limits.js";
import type { ValidityVerdict } from "./validity-verdict.js";
import { judgeValidity } from "./validity.js";

/** One limit beside what was measured. */
export interface LimitCheck {
  readonly status: "pass" | "fail" | "not-enough-samples";
  /** "ttft p95", "errors". */
  readonly name: string;
  /** Key of the definition. */
  readonly metric: MetricKey;
  readonly comparison: "at most" | "at least";
  readonly limit: number;
  readonly value: number | NotEnoughSamples;
  readonly unit: string;
  /** All of it in words. */
  readonly message: string;
}

/** What became of a run that is held against limits. `invalid`: the run does not measure the worker, so the checks prove nothing. */
export interface LimitsVerdict {
  readonly verdict: "pass" | "fail" | "not-enough-samples" | "invalid";
  readonly checks: readonly LimitCheck[];
  /** Judged with these limits and those of the run. */
  readonly validity: ValidityVerdict;
}

/**
 * Holds a run against limits.
 *
 * @throws {INVALID_OPTION} a wrong limit, or none.
 * @example judgeLimits(result, { ttft: { p95: 200 } }).verdict // "not-enough-samples"
 */
export function judgeLimits(result: LoadResult, limits: LoadLimits): LimitsVerdict {
  checkResults("result", [result]);
  checkLoadLimits(limits);
  const latencyLimits = listLatencyLimits(limits);
  const checks = [
    ...latencyLimits.map((limit) => checkLatency(result, limit)),
    ...checkFigures(result, limitErrors(limits)),
    ...checkAnyOk(result),
  ];
  const validity = judgeValidity(result, [...listRequestLimits(result.plan.limits), ...latencyLimits]);
  return { verdict: findVerdict(checks, validity), checks, validity };
}

function findVerdict(checks: readonly LimitCheck[], validity: ValidityVerdict): LimitsVerdict["verdict"] {
  if (validity.verdict === "invalid") return "invalid";
  const worst = (["fail", "not-enough-samples"] as const).find((status) =>
    checks.some((check) => check.status === status),
  );
  return worst ?? "pass";
}

function checkLatency({ latency, plan }: LoadResult, { metric, statistic, limitMs }: LatencyLimit): LimitCheck {
  const judged: LatencyMetric = metric === "ttft" || metric === "e2e" ? judgedMetric(metric, plan.judgedFrom) : metric;
  const value = readStatistic(latency[judged], statistic);
  return toCheck({ name: `${metric} ${statistic}`, metric: judged, comparison: "at most", limit: limitMs, value });
}

function readStatistic(distribution: Distribution, statistic: LatencyLimit["statistic"]): LimitCheck["value"] {
  if (statistic === "mean" || statistic === "max") return distribution[statistic] ?? notEnoughSamples(0, 1);
  return distribution.percentiles[statistic];
}

function checkFigures({ counts, figures }: LoadResult, limits: LoadLimits): LimitCheck[] {
  const errors = counts.attempted - (counts.byStatus.ok ?? 0);
  const rows = [
    ["requestThroughput", "requestThroughput", "at least", figures.requestThroughput.value],
    ["tokenThroughput", "tokenThroughput", "at least", figures.tokenThroughput.value],
    ["goodput", "goodputShare", "at least", figures.goodputShare.value],
    ["errorShare", "errorShare", "at most", figures.errorShare.value],
    ["errors", "errorShare", "at most", errors],
  ] as const;
  return rows.flatMap(([name, metric, comparison, value]) => {
    const limit = limits[name];
    return limit === undefined ? [] : [toCheck({ name, metric, comparison, limit, value })];
  });
}

/** However many errors are allowed: without one ok request nothing was measured. */
function checkAnyOk({ counts }: LoadResult): LimitCheck[] {
  const value = counts.byStatus.ok ?? 0;
  if (value > 0 || counts.attempted === 0) return [];
  return [toCheck({ name: "ok requests", metric: "errorShare", comparison: "at least", limit: 1, value })];
}

function toCheck(given: Pick<LimitCheck, "name" | "metric" | "comparison" | "limit" | "value">): LimitCheck {
  const { name, metric, comparison, limit, value } = given;
  const unit = name === "errors" || name === "ok requests" ? "requests" : METRIC_DEFINITIONS[metric].unit;
  const wanted = `${name} ${comparison} ${limit}${unit === "share" ? "" : ` ${unit}`}`;
  if (typeof value !== "number") {
    return { ...given, unit, status: "not-enough-samples", message: `${wanted}: ${value.message}` };
  }
  const status = (comparison === "at most" ? value <= limit : value >= limit) ? "pass" : "fail";
  return { ...given, unit, status, message: `${wanted}: got ${Math.round(value * 1000) / 1000}` };
}
