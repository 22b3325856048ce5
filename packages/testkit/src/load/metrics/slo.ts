import { durationMs, resolveOptions } from "../../options/index.js";
import { formatMs } from "../../numbers/index.js";
import { judgedMetric, type JudgedFrom } from "./judged-from.js";
import { METRIC_KEYS, metricOf, type MetricKeyWith, type RequestMetric } from "./registry.js";
import { measureRequest } from "./request-metrics.js";
import type { RequestRecord } from "./request-record.js";

/** Metrics that an SLO can bound. */
export type SloMetric = MetricKeyWith<{ isSlo: true }>;
type SloName = `${SloMetric}Ms`;

/**
 * The service-level objective of a request: the times in ms that a request must not exceed to count for goodput. In an open loop, TTFT and
 * E2E are judged from schedule.
 */
export type RequestSlo = Readonly<Partial<Record<SloName, number | undefined>>>;

const SLO_METRICS = METRIC_KEYS.filter((key) => {
  const entry = metricOf(key);
  return entry.kind === "request" && entry.isSlo === true;
}) as readonly SloMetric[];

const SLO_OPTIONS = Object.fromEntries(SLO_METRICS.map((metric) => [`${metric}Ms`, durationMs()]));

/** @throws {INVALID_OPTION} an unknown name, or a time that is not a positive number. */
export function checkSlo(name: string, slo: unknown): asserts slo is RequestSlo {
  resolveOptions(SLO_OPTIONS, slo as RequestSlo, name);
}

/** Whether a request is ok and meets the SLO. A metric without a value (no second token, say) exceeds nothing. */
export function meetsSlo(record: RequestRecord, slo: RequestSlo, from: JudgedFrom): boolean {
  if (record.status !== "ok") return false;
  return listSlo(slo).every(({ metric, limitMs }) => {
    return (measureRequest(record, judgedMetric(metric, from)) ?? 0) <= limitMs;
  });
}

/** "ttft at most 200 ms, e2e at most 2.0 s", or "none". */
export function describeSlo(slo: RequestSlo): string {
  const parts = listSlo(slo).map(({ metric, limitMs }) => `${metric} at most ${formatMs(limitMs)}`);
  return parts.length === 0 ? "none" : parts.join(", ");
}

/** The times of an SLO as a list. */
export function listSlo(slo: RequestSlo): { readonly metric: SloMetric & RequestMetric; readonly limitMs: number }[] {
  return SLO_METRICS.flatMap((metric) => {
    const limitMs = slo[`${metric}Ms`];
    return limitMs === undefined ? [] : [{ metric, limitMs }];
  });
}
