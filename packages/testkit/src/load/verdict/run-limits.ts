import { checkNotNegative, checkKnownOptions, checkOption } from "../../errors/index.js";
import { PERCENTILE_KEYS, type PercentileKey } from "../metrics/distribution.js";
import { METRIC_KEYS, metricOf, type LatencyMetric, type MetricKeyWith, type RunMetric } from "../metrics/registry.js";
import type { TimeLimit } from "./validity.js";

/** Upper limits in ms on the statistics of one latency. */
export type LatencyLimits = Readonly<Partial<Record<PercentileKey | "mean" | "max", number | undefined>>>;

type LimitableLatency = MetricKeyWith<{ kind: "request" | "pooled"; isLimitable: true }>;
type LimitableFigure = MetricKeyWith<{ kind: "run"; isLimitable: true }>;

/**
 * What a run must meet: upper limits on latencies in ms, upper limits on figures of which less is better (`errors`, `errorRate`), lower limits on
 * the others (`requestThroughput`, `tokenThroughput`, `goodputRatio`). In an open loop, `ttft` and `e2e` are judged from schedule. Unless a
 * limit concerns errors, no error is allowed.
 */
export type RunLimits = { readonly [Key in LimitableLatency]?: LatencyLimits | undefined } & {
  readonly [Key in LimitableFigure]?: number | undefined;
};

const LIMITABLE = METRIC_KEYS.filter((key) => metricOf(key).isLimitable === true);
const LATENCY_LIMITS = LIMITABLE.filter((key) => metricOf(key).kind !== "run") as readonly LimitableLatency[];
const FIGURE_LIMITS = LIMITABLE.filter((key) => metricOf(key).kind === "run") as readonly LimitableFigure[];
const STATISTICS = [...PERCENTILE_KEYS, "mean", "max"] as const;

/** One limit on a statistic of a latency. */
export interface LatencyLimit extends TimeLimit {
  readonly metric: LimitableLatency & LatencyMetric;
  readonly statistic: (typeof STATISTICS)[number];
}

/** One limit on a figure of the run. */
export interface FigureLimit {
  readonly metric: LimitableFigure & RunMetric;
  readonly comparison: "at most" | "at least";
  readonly limit: number;
}

/** @throws {INVALID_OPTION} a misspelt or wrong limit, or none at all: that would pass whatever happened. */
export function checkRunLimits(limits: RunLimits): void {
  checkKnownOptions("limits", limits, LIMITABLE);
  for (const metric of LATENCY_LIMITS) if (limits[metric] !== undefined) checkLatencyLimits(metric, limits[metric]);
  for (const { metric, limit } of listFigureLimits(limits)) checkFigureLimit(metric, limit);
  const count = listLatencyLimits(limits).length + listFigureLimits(limits).length;
  checkOption(count > 0, "limits", { wanted: "at least one limit", value: limits });
}

/** Unless a limit concerns errors, none is allowed: a failed request has no latency that could exceed one. */
export function limitErrors(limits: RunLimits): RunLimits {
  const limitsErrors = listFigureLimits(limits).some(({ metric }) => metricOf(metric).limitsErrors === true);
  return limitsErrors ? limits : { ...limits, errors: 0 };
}

/** The limits on latencies one by one. */
export function listLatencyLimits(limits: RunLimits): LatencyLimit[] {
  return LATENCY_LIMITS.flatMap((metric) =>
    STATISTICS.flatMap((statistic) => {
      const limitMs = limits[metric]?.[statistic];
      return limitMs === undefined ? [] : [{ metric, statistic, limitMs }];
    }),
  );
}

/** The limits on figures one by one. */
export function listFigureLimits(limits: RunLimits): FigureLimit[] {
  return FIGURE_LIMITS.flatMap((metric) => {
    const limit = limits[metric];
    const comparison = metricOf(metric).better === "lower" ? ("at most" as const) : ("at least" as const);
    return limit === undefined ? [] : [{ metric, comparison, limit }];
  });
}

function checkFigureLimit(metric: LimitableFigure, value: number): void {
  checkNotNegative(`limits.${metric}`, value);
  const isShare = metricOf(metric).unit === "share";
  checkOption(!isShare || value <= 1, `limits.${metric}`, { wanted: "a share from 0 to 1", value });
}

function checkLatencyLimits(metric: string, limits: LatencyLimits): void {
  const name = `limits.${metric}`;
  checkOption(typeof limits === "object", name, { wanted: "an object like { p95: 200 }", value: limits });
  checkKnownOptions(name, limits, STATISTICS);
  for (const statistic of STATISTICS) {
    if (limits[statistic] !== undefined) checkNotNegative(`${name}.${statistic}`, limits[statistic]);
  }
}
