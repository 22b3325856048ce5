import {
  checkedBy,
  checkOption,
  custom,
  defineOptions,
  group,
  isRecord,
  resolveOptions,
  type AnyOption,
} from "../../options/index.js";
import { PERCENTILE_KEYS, type PercentileKey } from "../metrics/distribution.js";
import { METRIC_KEYS, metricOf, type LatencyMetric, type MetricKeyWith, type RunMetric } from "../metrics/registry.js";
import type { TimeLimit } from "./validity.js";

/** Upper limits in ms on the statistics of one latency. */
export type LatencyLimits = Readonly<Partial<Record<PercentileKey | "mean" | "max", number | undefined>>>;

type LimitableLatency = MetricKeyWith<{ kind: "request" | "pooled"; isLimitable: true }>;
type LimitableFigure = MetricKeyWith<{ kind: "run"; isLimitable: true }>;

/**
 * What a run must meet: upper limits on latencies in ms, upper limits on figures for which lower is better (`errors`, `errorRate`), lower
 * limits on the others (`requestThroughput`, `tokenThroughput`, `goodputRatio`). In an open loop, `ttft` and `e2e` are judged from
 * schedule. Unless a limit concerns errors, no error is allowed.
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

const figure = custom<number>("zero or a positive number", (value) => isFrom0To(value, Number.MAX_VALUE));
const share = custom<number>("a share from 0 to 1", (value) => isFrom0To(value, 1));
const STATISTIC_LIMITS = group(defineOptions(Object.fromEntries(STATISTICS.map((name) => [name, figure]))));
const LIMIT_OPTIONS = defineOptions(Object.fromEntries(LIMITABLE.map((metric) => [metric, limitOption(metric)])));

/**
 * @param name of the limits in messages.
 * @throws {INVALID_OPTION} an unknown or invalid limit, or none at all: such limits would always pass.
 */
export function checkRunLimits(limits: unknown, name = "limits"): asserts limits is RunLimits {
  const given = limits as RunLimits;
  resolveOptions(LIMIT_OPTIONS, given, name);
  const count = listLatencyLimits(given).length + listFigureLimits(given).length;
  checkOption(count > 0, name, { wanted: "at least one limit", value: limits });
}

function limitOption(metric: (typeof LIMITABLE)[number]): AnyOption {
  const { kind, unit } = metricOf(metric);
  if (kind === "run") return unit === "share" ? share : figure;
  return checkedBy((name, value) => {
    checkOption(isRecord(value), name, { wanted: "an object like { p95: 200 }", value });
    return STATISTIC_LIMITS.read(name, value);
  });
}

function isFrom0To(value: unknown, most: number): boolean {
  return typeof value === "number" && value >= 0 && value <= most;
}

/** Unless a limit concerns errors, none is allowed: a failed request has no latency that could exceed one. */
export function limitErrors(limits: RunLimits): RunLimits {
  const limitsErrors = listFigureLimits(limits).some(({ metric }) => metricOf(metric).limitsErrors === true);
  return limitsErrors ? limits : { ...limits, errors: 0 };
}

/** The latency limits as a flat list. */
export function listLatencyLimits(limits: RunLimits): LatencyLimit[] {
  return LATENCY_LIMITS.flatMap((metric) =>
    STATISTICS.flatMap((statistic) => {
      const limitMs = limits[metric]?.[statistic];
      return limitMs === undefined ? [] : [{ metric, statistic, limitMs }];
    }),
  );
}

/** The figure limits as a flat list. */
export function listFigureLimits(limits: RunLimits): FigureLimit[] {
  return FIGURE_LIMITS.flatMap((metric) => {
    const limit = limits[metric];
    const comparison = metricOf(metric).better === "lower" ? ("at most" as const) : ("at least" as const);
    return limit === undefined ? [] : [{ metric, comparison, limit }];
  });
}
