import { collectValues } from "../load/metrics/request-metrics.js";
import type { StoredLoadResult } from "../load/index.js";
import { REQUEST_METRICS } from "../load/metrics/registry.js";
import type { BaselineFacts } from "./run-report.js";
import { describeCurve } from "./curve.js";

/** Extracts from a baseline what is shown next to a run; its records are dropped. */
export function describeBaseline(runs: readonly [StoredLoadResult, ...StoredLoadResult[]]): BaselineFacts {
  const [first] = runs;
  const valid = runs.filter(({ validity }) => validity.status === "valid");
  const records = (valid.length === 0 ? runs : valid).flatMap((run) => run.records);
  const curves = REQUEST_METRICS.map((metric) => [metric, describeCurve(collectValues(records, metric))] as const);
  return {
    startedAt: first.startedAt,
    runCount: runs.length,
    machine: first.machine,
    latency: first.latency,
    figures: first.figures,
    itlHistogram: first.itlHistogram,
    curves: Object.fromEntries(curves.filter(([, curve]) => curve.length > 0)),
  };
}
