import { quantileSorted, sortNumbers } from "../../numbers/index.js";
import { notEnoughSamples, sampleFloor, type NotEnoughSamples } from "../stats/sample-floor.js";
import type { LatencyMetric } from "./registry.js";

/** The percentiles of every distribution. */
export const PERCENTILES = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, p999: 0.999 } as const;
export type PercentileKey = keyof typeof PERCENTILES;
export const PERCENTILE_KEYS = Object.keys(PERCENTILES) as readonly PercentileKey[];

/** How a percentile is written: "p99.9". */
export function percentileLabel(key: PercentileKey): string {
  return key === "p999" ? "p99.9" : key;
}

/** A number in the unit of its metric, or a reason if there are too few samples for one. */
export type PercentileValue = number | NotEnoughSamples;

/** How the values of one metric are spread, in ms. */
export interface Distribution {
  /** Key of the definition. */
  readonly metric: LatencyMetric;
  readonly unit: "ms";
  readonly count: number;
  /** Values that depend on an estimated number of tokens. */
  readonly estimatedCount: number;
  /** `null` without values, as are `mean` and `max`. */
  readonly min: number | null;
  readonly mean: number | null;
  readonly max: number | null;
  readonly percentiles: Readonly<Record<PercentileKey, PercentileValue>>;
}

/** Describes values exactly: percentiles by linear interpolation. */
export function describeValues(metric: LatencyMetric, values: readonly number[], estimatedCount = 0): Distribution {
  const sorted = sortNumbers(values);
  const isEmpty = sorted.length === 0;
  const sum = sorted.reduce((total, value) => total + value, 0);
  return {
    metric,
    unit: "ms",
    count: sorted.length,
    estimatedCount,
    min: isEmpty ? null : round(sorted[0] ?? 0),
    mean: isEmpty ? null : round(sum / sorted.length),
    max: isEmpty ? null : round(sorted.at(-1) ?? 0),
    percentiles: describePercentiles(sorted.length, (share) => quantileSorted(sorted, share)),
  };
}

/** Every percentile that has enough samples. */
export function describePercentiles(
  count: number,
  quantile: (share: number) => number,
): Record<PercentileKey, PercentileValue> {
  const describe = (share: number): PercentileValue => {
    const need = sampleFloor(share);
    return count < need ? notEnoughSamples(count, need) : round(quantile(share));
  };
  const entries = Object.entries(PERCENTILES).map(([key, share]) => [key, describe(share)] as const);
  return Object.fromEntries(entries) as Record<PercentileKey, PercentileValue>;
}

/** To the microsecond: no clock here is more precise. */
export function round(valueMs: number): number {
  return Math.round(valueMs * 1000) / 1000;
}
