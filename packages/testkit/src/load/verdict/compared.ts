import { isDeepStrictEqual } from "node:util";
import { judgedMetric, type JudgedFrom } from "../metrics/judged-from.js";
import { isRecorded } from "../metrics/recorded.js";
import { LATENCY_METRICS, METRIC_KEYS, metricOf, RUN_METRICS, type MetricKey } from "../metrics/registry.js";
import { describeSlo } from "../metrics/slo.js";
import type { StoredLoadResult } from "../result.js";
import type { ComparedStatistic } from "./run-samples.js";

/** The two sides of a comparison. */
export type Sides = Readonly<Record<"baseline" | "current", readonly StoredLoadResult[]>>;

/** The sides that were stored without a metric. */
export function findLacking(sides: Sides, metric: MetricKey): ("baseline" | "current")[] {
  return (["baseline", "current"] as const).filter((side) => sides[side].some((run) => !isRecorded(run, metric)));
}

/** How a metric is named in a message: "inter-token latency". */
export function nameOf(metric: MetricKey): string {
  return metricOf(metric).title;
}

/** Metrics that would be compared if any run had them. */
export function findUncompared(sides: Sides): MetricKey[] {
  const runs = [...sides.baseline, ...sides.current];
  return METRIC_KEYS.filter((metric) => {
    return metricOf(metric).compared !== undefined && runs.every((run) => !isRecorded(run, metric));
  });
}

/** Why goodput is not compared: it means another thing with another SLO. */
export function findOtherSlo({ baseline, current }: Sides): string | undefined {
  const [first, ...others] = [...baseline, ...current].map(({ plan }) => plan.slo);
  const other = others.find((slo) => !isDeepStrictEqual(slo, first));
  if (first === undefined || other === undefined) return undefined;
  return `the SLO differs: ${describeSlo(first)} and ${describeSlo(other)}`;
}

/** Everything that is compared: medians first, then figures of the run, then tails. */
export function listCompared(sides: Sides): ComparedStatistic[] {
  const runs = [...sides.baseline, ...sides.current];
  const from: JudgedFrom = runs[0]?.plan.judgedFrom ?? "send";
  const latencies = LATENCY_METRICS.flatMap((key) => {
    const statistics = metricOf(key).compared ?? [];
    const metric = judgedMetric(key, from);
    return statistics.flatMap((statistic) => (statistic === "value" ? [] : [{ metric, statistic }]));
  });
  const hasSameSlo = findOtherSlo(sides) === undefined;
  const figures = RUN_METRICS.filter((key) => {
    const entry = metricOf(key);
    const isOther = !hasSameSlo && entry.dependsOnSlo === true;
    return entry.compared !== undefined && !isOther;
  }).map((metric) => {
    return { metric, statistic: "value" as const };
  });
  const medians = latencies.filter(({ statistic }) => statistic === "p50");
  const tails = latencies.filter(({ statistic }) => statistic !== "p50");
  return [...medians, ...figures, ...tails].filter((compared) => hasValues(sides, runs, compared));
}

function hasValues(sides: Sides, runs: readonly StoredLoadResult[], { metric, statistic }: ComparedStatistic): boolean {
  if (runs.every((run) => !isRecorded(run, metric))) return false;
  if (statistic === "value") return true;
  // One message per missing metric is enough.
  if (statistic !== "p50" && findLacking(sides, metric).length > 0) return false;
  return metricOf(metric).needsTwoTokens !== true || runs.some(({ latency }) => latency[metric]?.count !== 0);
}
