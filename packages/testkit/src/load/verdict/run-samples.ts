import type { LatencyMetric, RunMetric } from "../metrics/definitions.js";
import { meetsLimits } from "../metrics/request-limits.js";
import { collectValues } from "../metrics/request-metrics.js";
import type { LoadResult } from "../result.js";
import { median } from "../stats/quantile.js";
import { sampleFloor } from "../stats/sample-floor.js";

/** Fewer samples on a side cannot be significant: 5 against 5 is 1 order of 252. */
export const LEAST_SAMPLES = 5;
const BATCH_COUNT = 10;

/** What is compared. */
export type ComparedStatistic =
  | { readonly metric: LatencyMetric; readonly statistic: "p50" | "p95" | "p99" }
  | { readonly metric: RunMetric; readonly statistic: "value" };

/**
 * The samples that the rank test gets: one value per run, when both sides have at least five runs. Values within a run depend on each
 * other, and runs differ more than the values within one let expect. `batches`: for want of runs, up to ten stretches of the run
 * stand in for them.
 */
export type SampleKind = "runs" | "batches";

/** The samples of one side, or why it has none. */
export type Samples = readonly number[] | string;

/** Which kind both sides have enough of. */
export function chooseKind(baseline: readonly LoadResult[], current: readonly LoadResult[]): SampleKind {
  return Math.min(baseline.length, current.length) >= LEAST_SAMPLES ? "runs" : "batches";
}

/** Takes the samples of one side. */
export function takeSamples(runs: readonly LoadResult[], compared: ComparedStatistic, kind: SampleKind): Samples {
  return kind === "runs" ? sampleRuns(runs, compared) : sampleBatches(runs, compared);
}

function sampleRuns(runs: readonly LoadResult[], compared: ComparedStatistic): Samples {
  if (compared.statistic === "value") return runs.map((run) => run.figures[compared.metric].value);
  const values: number[] = [];
  for (const { latency } of runs) {
    const value = latency[compared.metric].percentiles[compared.statistic];
    if (typeof value !== "number") return value.message;
    values.push(value);
  }
  return values;
}

function sampleBatches(runs: readonly LoadResult[], { metric, statistic }: ComparedStatistic): Samples {
  if (metric === "goodputShare") {
    const met = runs.flatMap(({ records, plan }) =>
      records.map((record) => (meetsLimits(record, plan.limits, plan.judgedFrom) ? 1 : 0)),
    );
    return splitIntoBatches(met, mean);
  }
  if (statistic !== "p50" || metric === "gap") return `needs ${LEAST_SAMPLES} runs on each side`;
  return splitIntoBatches(
    runs.flatMap((run) => collectValues(run.records, metric)),
    median,
  );
}

function splitIntoBatches(values: readonly number[], toSample: (batch: readonly number[]) => number): Samples {
  const least = sampleFloor(0.5);
  const batchCount = Math.min(BATCH_COUNT, Math.floor(values.length / least));
  if (batchCount < LEAST_SAMPLES) {
    return `not enough samples (have ${values.length}, need ${LEAST_SAMPLES * least}, or ${LEAST_SAMPLES} runs on each side)`;
  }
  const edge = (batch: number) => Math.round((batch * values.length) / batchCount);
  return Array.from({ length: batchCount }, (_, batch) => toSample(values.slice(edge(batch), edge(batch + 1))));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
