import { collectValues, type LoadResult } from "../load/index.js";
import { REQUEST_METRICS } from "../load/metrics/definitions.js";
import type { BaselineFacts } from "./run-report.js";
import { describeCurve } from "./series/curve.js";

/** Keeps of a baseline what is shown beside a run; its records are let go. */
export function describeBaseline(runs: readonly [LoadResult, ...LoadResult[]]): BaselineFacts {
  const [first] = runs;
  const valid = runs.filter(({ validity }) => validity.verdict === "valid");
  const records = (valid.length === 0 ? runs : valid).flatMap((run) => run.records);
  const curves = REQUEST_METRICS.map((metric) => [metric, describeCurve(collectValues(records, metric))] as const);
  return {
    startedAt: first.startedAt,
    runCount: runs.length,
    machine: first.machine,
    latency: first.latency,
    figures: first.figures,
    gapHistogram: first.gapHistogram,
    curves: Object.fromEntries(curves.filter(([, curve]) => curve.length > 0)),
  };
}
