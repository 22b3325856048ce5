import { median } from "../../numbers/index.js";
import { metricOf, type LatencyMetric, type RequestMetric, type RunMetric } from "../metrics/registry.js";
import { collectValues } from "../metrics/request-metrics.js";
import { meetsSlo } from "../metrics/slo.js";
import type { RunMetricEntry } from "../metrics/metric.js";
import type { StoredLoadResult } from "../result.js";
import { sampleFloor } from "../stats/sample-floor.js";

/** Fewer samples per side cannot be significant: 5 against 5 is 1 order of 252. */
export const LEAST_SAMPLES = 5;
const BATCH_COUNT = 10;

/** What is compared. */
export type ComparedStatistic =
  | { readonly metric: LatencyMetric; readonly statistic: "p50" | "p95" | "p99" }
  | { readonly metric: RunMetric; readonly statistic: "value" };

/**
 * The samples of the rank test. `runs`: one value per run, if both sides have at least five runs. Values within a run depend on each other,
 * and runs differ more than the values within one suggest. `batches`: with fewer runs, up to ten parts of a run stand in for runs.
 */
export type SampleKind = "runs" | "batches";

/** The samples of one side, or why it has none. */
export type Samples = readonly number[] | string;

/** The kind of which both sides have enough. */
export function chooseKind(baseline: readonly StoredLoadResult[], current: readonly StoredLoadResult[]): SampleKind {
  return Math.min(baseline.length, current.length) >= LEAST_SAMPLES ? "runs" : "batches";
}

/** Takes the samples of one side; every run must have the metric. */
export function takeSamples(runs: readonly StoredLoadResult[], compared: ComparedStatistic, kind: SampleKind): Samples {
  return kind === "runs" ? sampleRuns(runs, compared) : sampleBatches(runs, compared);
}

function sampleRuns(runs: readonly StoredLoadResult[], compared: ComparedStatistic): Samples {
  const values: number[] = [];
  for (const { latency, figures } of runs) {
    const { metric, statistic } = compared;
    const value = statistic === "value" ? figures[metric]?.value : latency[metric]?.percentiles[statistic];
    if (typeof value !== "number") return value?.message ?? "not recorded";
    values.push(value);
  }
  return values;
}

function sampleBatches(runs: readonly StoredLoadResult[], { metric, statistic }: ComparedStatistic): Samples {
  const entry = metricOf(metric);
  const { ofRequest } = entry as Partial<RunMetricEntry>;
  if (ofRequest !== undefined)
    return splitIntoBatches(
      runs.flatMap((run) => valuesOfRequests(run, ofRequest)),
      mean,
    );
  if (statistic !== "p50" || entry.kind !== "request") return `needs ${LEAST_SAMPLES} runs on each side`;
  return splitIntoBatches(
    runs.flatMap((run) => collectValues(run.records, metric as RequestMetric)),
    median,
  );
}

function valuesOfRequests(
  { records, plan }: StoredLoadResult,
  ofRequest: NonNullable<RunMetricEntry["ofRequest"]>,
): number[] {
  return records.map((record) => {
    return ofRequest({ record, isMet: meetsSlo(record, plan.slo, plan.judgedFrom) });
  });
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
