import { checkKnownOptions, checkNotNegative, checkOption } from "../../errors/index.js";
import { PERCENTILES, type PercentileKey } from "../metrics/distribution.js";
import type { TimeLimit } from "./validity.js";

/** Upper limits in ms for one metric. */
export type LatencyLimits = Readonly<Partial<Record<PercentileKey | "mean" | "max", number | undefined>>>;

/** What a run has to meet. In an open loop, `ttft` and `e2e` are judged from schedule. */
export interface LoadLimits {
  readonly ttft?: LatencyLimits | undefined;
  readonly tpot?: LatencyLimits | undefined;
  readonly e2e?: LatencyLimits | undefined;
  readonly gap?: LatencyLimits | undefined;
  readonly longestStall?: LatencyLimits | undefined;
  /** ok requests per second, at least. */
  readonly requestThroughput?: number | undefined;
  /** Output tokens per second, at least. */
  readonly tokenThroughput?: number | undefined;
  /** Share of the attempted requests that are ok and meet the `limits` of `runLoad()`, at least; 0..1. */
  readonly goodput?: number | undefined;
  /** Requests that are not ok, at most. @default 0, unless `errorShare` or `goodput` is given */
  readonly errors?: number | undefined;
  /** The same as a share of the attempted, 0..1. */
  readonly errorShare?: number | undefined;
}

export const LATENCY_LIMITS = ["ttft", "tpot", "e2e", "gap", "longestStall"] as const;
export const FIGURE_LIMITS = ["requestThroughput", "tokenThroughput", "goodput", "errors", "errorShare"] as const;
const STATISTICS = [...(Object.keys(PERCENTILES) as PercentileKey[]), "mean", "max"] as const;

/** One limit on a statistic of a latency. */
export interface LatencyLimit extends TimeLimit {
  readonly metric: (typeof LATENCY_LIMITS)[number];
  readonly statistic: (typeof STATISTICS)[number];
}

/** @throws {INVALID_OPTION} a misspelt or wrong limit, or none at all: that would pass whatever happened. */
export function checkLoadLimits(limits: LoadLimits): void {
  checkKnownOptions("limits", limits, [...LATENCY_LIMITS, ...FIGURE_LIMITS]);
  for (const metric of LATENCY_LIMITS) if (limits[metric] !== undefined) checkLatencyLimits(metric, limits[metric]);
  for (const name of FIGURE_LIMITS) if (limits[name] !== undefined) checkNotNegative(`limits.${name}`, limits[name]);
  for (const name of ["goodput", "errorShare"] as const) {
    const value = limits[name];
    if (value !== undefined) checkOption(value <= 1, `limits.${name}`, { wanted: "a share from 0 to 1", value });
  }
  const count = listLatencyLimits(limits).length + FIGURE_LIMITS.filter((name) => limits[name] !== undefined).length;
  checkOption(count > 0, "limits", { wanted: "at least one limit", value: limits });
}

/** Unless the limits say something about errors, none is allowed: failed requests have no latency that would miss one. */
export function limitErrors(limits: LoadLimits): LoadLimits {
  const { errors, errorShare, goodput } = limits;
  const saysErrors = errors !== undefined || errorShare !== undefined || goodput !== undefined;
  return saysErrors ? limits : { ...limits, errors: 0 };
}

/** The limits on latencies one by one. */
export function listLatencyLimits(limits: LoadLimits): LatencyLimit[] {
  return LATENCY_LIMITS.flatMap((metric) =>
    STATISTICS.flatMap((statistic) => {
      const limitMs = limits[metric]?.[statistic];
      return limitMs === undefined ? [] : [{ metric, statistic, limitMs }];
    }),
  );
}

function checkLatencyLimits(metric: string, limits: LatencyLimits): void {
  const name = `limits.${metric}`;
  checkOption(typeof limits === "object", name, { wanted: "an object like { p95: 200 }", value: limits });
  checkKnownOptions(name, limits, STATISTICS);
  for (const statistic of STATISTICS) {
    if (limits[statistic] !== undefined) checkNotNegative(`${name}.${statistic}`, limits[statistic]);
  }
}
