import type { JobStatus } from "../../jobs/index.js";
import { findWindow, type LoadWindow } from "./concurrency.js";
import { describeValues, round, type Distribution } from "./distribution.js";
import type { ItlHistogram } from "./itl-histogram.js";
import type { JudgedFrom } from "./judged-from.js";
import type { MetricUnit, RunTotals } from "./metric.js";
import {
  isMeanOverTokens,
  LATENCY_METRICS,
  metricOf,
  RUN_METRICS,
  type LatencyMetric,
  type RunMetric,
} from "./registry.js";
import { collectValues } from "./request-metrics.js";
import { countTokens, type RequestRecord } from "./request-record.js";
import { meetsSlo, type RequestSlo } from "./slo.js";

/** One figure of the whole run. */
export interface RunFigure {
  /** Key of the definition. */
  readonly metric: RunMetric;
  readonly unit: MetricUnit;
  readonly value: number;
  /** The value depends in part on estimated token counts. */
  readonly isEstimated: boolean;
}

/** How many requests ended with each status; a status that did not occur is absent. */
export interface StatusCounts {
  readonly attempted: number;
  readonly byStatus: Readonly<Partial<Record<JobStatus, number>>>;
}

/** Every figure computed from the records. */
export interface LoadSummary {
  readonly window: LoadWindow;
  readonly counts: StatusCounts;
  readonly latency: Readonly<Record<LatencyMetric, Distribution>>;
  readonly figures: Readonly<Record<RunMetric, RunFigure>>;
}

/** Computes every figure from the records, including those of a stored result. */
export function summarize(
  records: readonly RequestRecord[],
  { itl, slo, judgedFrom }: { itl: ItlHistogram; slo: RequestSlo; judgedFrom: JudgedFrom },
): LoadSummary {
  const window = findWindow(records);
  const ok = records.filter(({ status }) => status === "ok");
  const totals: RunTotals = {
    records,
    window,
    okCount: ok.length,
    metCount: ok.filter((record) => meetsSlo(record, slo, judgedFrom)).length,
    tokenCount: ok.reduce((sum, record) => sum + countTokens(record).count, 0),
  };
  return {
    window: roundWindow(window),
    counts: countStatuses(records),
    latency: describeLatencies(records, itl),
    figures: computeFigures(
      totals,
      ok.some((record) => countTokens(record).isEstimated),
    ),
  };
}

function countStatuses(records: readonly RequestRecord[]): StatusCounts {
  const byStatus: Partial<Record<JobStatus, number>> = {};
  for (const { status } of records) byStatus[status] = (byStatus[status] ?? 0) + 1;
  return { attempted: records.length, byStatus };
}

function describeLatencies(records: readonly RequestRecord[], itl: ItlHistogram): LoadSummary["latency"] {
  const estimated = records.filter((record) => countTokens(record).isEstimated);
  const entries = LATENCY_METRICS.map((metric) => {
    if (metric === "itl") return [metric, itl.describe()] as const;
    const estimatedCount = isMeanOverTokens(metric) ? collectValues(estimated, metric).length : 0;
    return [metric, describeValues(metric, collectValues(records, metric), estimatedCount)] as const;
  });
  return Object.fromEntries(entries) as Record<LatencyMetric, Distribution>;
}

function computeFigures(totals: RunTotals, hasEstimates: boolean): LoadSummary["figures"] {
  const entries = RUN_METRICS.map((metric) => {
    const { unit, aggregate, countsTokens } = metricOf(metric);
    const isEstimated = hasEstimates && countsTokens === true;
    return [metric, { metric, unit, value: roundFigure(aggregate(totals)), isEstimated }] as const;
  });
  return Object.fromEntries(entries) as Record<RunMetric, RunFigure>;
}

function roundFigure(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

function roundWindow({ firstSendMs, lastCloseMs, durationMs }: LoadWindow): LoadWindow {
  return { firstSendMs: round(firstSendMs), lastCloseMs: round(lastCloseMs), durationMs: round(durationMs) };
}
