import { nameStatistic, type MetricKey } from "../load/metrics/registry.js";
import type { MetricComparison } from "../load/verdict/compare-metric.js";
import type { VerdictFigure } from "./run-report.js";

/** The figure of one compared metric; where there are too few samples to judge it, what was observed. */
export function describeComparedFigure(compared: MetricComparison): VerdictFigure {
  const { metric, statistic, unit, tolerance, observed } = compared;
  const { baseline, current, worseBy } = compared.baseline === null && observed !== undefined ? observed : compared;
  return {
    label: nameJudged(metric, statistic),
    ...{ metric, statistic, unit, value: current, against: "baseline" },
    ...{ bound: baseline, worseBy, tolerance },
  };
}

/** In an open loop all times count from schedule: in one line that need not be said again. */
export function nameJudged(metric: MetricKey, statistic: string): string {
  return nameStatistic(metric, statistic).replace(" from schedule", "");
}
