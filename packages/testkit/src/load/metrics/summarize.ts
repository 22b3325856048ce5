import type { JobStatus } from "../../jobs/index.js";
import { findWindow, meanConcurrency, peakConcurrency, type LoadWindow } from "./concurrency.js";
import {
  METRIC_DEFINITIONS,
  REQUEST_METRICS,
  type LatencyMetric,
  type MetricDefinition,
  type RunMetric,
} from "./definitions.js";
import { describeValues, round, type Distribution } from "./distribution.js";
import type { GapHistogram } from "./gap-histogram.js";
import { meetsLimits, type JudgedFrom, type RequestLimits } from "./request-limits.js";
import { collectValues } from "./request-metrics.js";
import { countTokens, type RequestRecord } from "./request-record.js";

/** One figure of the whole run. */
export interface RunFigure {
  /** Key of the definition. */
  readonly metric: RunMetric;
  readonly unit: MetricDefinition["unit"];
  readonly value: number;
  /** The value rests in part on estimated numbers of tokens. */
  readonly isEstimated: boolean;
}

/** How many requests ended how; a status that did not occur is absent. */
export interface StatusCounts {
  readonly attempted: number;
  readonly byStatus: Readonly<Partial<Record<JobStatus, number>>>;
}

/** Every figure that follows from the records. */
export interface LoadSummary {
  readonly window: LoadWindow;
  readonly counts: StatusCounts;
  readonly latency: Readonly<Record<LatencyMetric, Distribution>>;
  readonly figures: Readonly<Record<RunMetric, RunFigure>>;
}

/** Computes every figure from the records: also from those of a stored result. */
export function summarize(
  records: readonly RequestRecord[],
  { gaps, limits, judgedFrom }: { gaps: GapHistogram; limits: RequestLimits; judgedFrom: JudgedFrom },
): LoadSummary {
  const window = findWindow(records);
  const ok = records.filter(({ status }) => status === "ok");
  const met = ok.filter((record) => meetsLimits(record, limits, judgedFrom)).length;
  const perSecond = (count: number) => (window.durationMs === 0 ? 0 : (count * 1000) / window.durationMs);
  const share = (count: number) => (records.length === 0 ? 0 : count / records.length);
  const estimated = ok.filter((record) => countTokens(record).isEstimated).length;
  const tokens = ok.reduce((sum, record) => sum + countTokens(record).count, 0);
  const values: Record<RunMetric, number> = {
    requestThroughput: perSecond(ok.length),
    tokenThroughput: perSecond(tokens),
    goodput: perSecond(met),
    goodputShare: share(met),
    errorShare: share(records.length - ok.length),
    concurrencyMean: meanConcurrency(records, window),
    concurrencyPeak: peakConcurrency(records),
  };
  return {
    window: roundWindow(window),
    counts: countStatuses(records),
    latency: describeLatencies(records, gaps),
    figures: toFigures(values, estimated > 0),
  };
}

function countStatuses(records: readonly RequestRecord[]): StatusCounts {
  const byStatus: Partial<Record<JobStatus, number>> = {};
  for (const { status } of records) byStatus[status] = (byStatus[status] ?? 0) + 1;
  return { attempted: records.length, byStatus };
}

function describeLatencies(records: readonly RequestRecord[], gaps: GapHistogram): LoadSummary["latency"] {
  const estimated = records.filter((record) => record.status === "ok" && countTokens(record).isEstimated);
  const entries = REQUEST_METRICS.map((metric) => {
    const estimatedCount = metric === "tpot" ? collectValues(estimated, metric).length : 0;
    return [metric, describeValues(metric, collectValues(records, metric), estimatedCount)] as const;
  });
  return { ...Object.fromEntries(entries), gap: gaps.describe() } as Record<LatencyMetric, Distribution>;
}

function toFigures(values: Readonly<Record<RunMetric, number>>, hasEstimates: boolean): LoadSummary["figures"] {
  const entries = Object.entries(values).map(([key, value]) => {
    const metric = key as RunMetric;
    const isEstimated = hasEstimates && metric === "tokenThroughput";
    return [metric, { metric, unit: METRIC_DEFINITIONS[metric].unit, value: roundFigure(value), isEstimated }] as const;
  });
  return Object.fromEntries(entries) as Record<RunMetric, RunFigure>;
}

function roundFigure(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

function roundWindow({ firstSendMs, lastCloseMs, durationMs }: LoadWindow): LoadWindow {
  return { firstSendMs: round(firstSendMs), lastCloseMs: round(lastCloseMs), durationMs: round(durationMs) };
}
