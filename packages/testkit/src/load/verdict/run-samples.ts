import type { LatencyMetric, RunMetric } from "../metrics/registry.js";
import type { StoredLoadResult } from "../result.js";

/** With fewer runs per side, nothing is judged: 4 against 4 is 1 order of 70, so a single run out of place hides any difference. */
export const LEAST_SAMPLES = 5;

/** What is compared. */
export type ComparedStatistic =
  | { readonly metric: LatencyMetric; readonly statistic: "p50" | "p95" | "p99" }
  | { readonly metric: RunMetric; readonly statistic: "value" };

/**
 * The samples of the rank test. `runs`: one value per run, because values within a run depend on each other, and runs differ more than the
 * values within one suggest. `batches`: parts of a run; only in comparisons that an earlier release stored.
 */
export type SampleKind = "runs" | "batches";

/** The samples of one side, or why it has none. */
export type Samples = readonly number[] | string;

/** Takes one value of each run; every run must have the metric. */
export function takeSamples(runs: readonly StoredLoadResult[], compared: ComparedStatistic): Samples {
  const values: number[] = [];
  for (const { latency, figures } of runs) {
    const { metric, statistic } = compared;
    const value = statistic === "value" ? figures[metric]?.value : latency[metric]?.percentiles[statistic];
    if (typeof value !== "number") return value?.message ?? "not recorded";
    values.push(value);
  }
  return values;
}
