import { meanConcurrency, peakConcurrency } from "./concurrency.js";
import type { Metric, MetricDefinition, RunTotals } from "./metric.js";
import { countTokens } from "./request-record.js";

const TAILS = ["p50", "p95", "p99"] as const;

/**
 * Every metric of a load run, one entry each. Measuring, limits, comparison, tables, charts, CSV columns and the documentation are
 * generated from these entries; CONTRIBUTING.md describes how to add one. Timestamps are monotonic and taken on arrival, before parsing.
 */
export const METRICS = {
  clientDelay: {
    kind: "request",
    title: "client delay",
    unit: "ms",
    better: "lower",
    definition: "send − sched: how late the client itself was; healthy is a median below 10 ms",
    measure: ({ sendMs, schedMs }) => sendMs - schedMs,
    requests: "sent",
  },
  ttft: {
    kind: "request",
    title: "time to first token",
    shortTitle: "TTFT",
    unit: "ms",
    better: "lower",
    definition: "first event with non-empty text − send",
    measure: ({ firstMs, sendMs }) => since(sendMs, firstMs),
    fromSchedule: "ttftFromSchedule",
    isLimitable: true,
    isSlo: true,
    compared: TAILS,
    shownIn: ["console", "tile", "chart", "request-table"],
  },
  ttftFromSchedule: {
    kind: "request",
    title: "time to first token, from schedule",
    shortTitle: "TTFT from schedule",
    unit: "ms",
    better: "lower",
    definition: "first event with non-empty text − sched",
    measure: ({ firstMs, schedMs }) => since(schedMs, firstMs),
  },
  tpot: {
    kind: "request",
    title: "time per output token",
    shortTitle: "TPOT",
    unit: "ms",
    better: "lower",
    definition:
      "(last content − first content) / (n − 1) of each request, none for n < 2; n = tokens_out, else the number of token events (estimated)",
    measure: (record) => {
      const { count } = countTokens(record);
      const spanMs = since(record.firstMs, record.lastMs);
      return spanMs === undefined || count < 2 ? undefined : spanMs / (count - 1);
    },
    isMeanOverTokens: true,
    needsTwoTokens: true,
    isLimitable: true,
    isSlo: true,
    compared: ["p50"],
    shownIn: ["console", "tile", "chart", "request-table"],
  },
  itl: {
    kind: "pooled",
    title: "inter-token latency",
    unit: "ms",
    better: "lower",
    definition:
      "time between successive content events, pooled over all ok requests in an HDR histogram (3 digits); inter-chunk latency where the worker joins several tokens into one event",
    needsTwoTokens: true,
    isLimitable: true,
    compared: ["p50"],
    shownIn: ["chart"],
  },
  longestStall: {
    kind: "request",
    title: "longest stall",
    unit: "ms",
    better: "lower",
    definition: "longest time between two successive content events of each request; none for fewer than 2 events",
    measure: ({ longestStallMs }) => longestStallMs,
    needsTwoTokens: true,
    isLimitable: true,
    isSlo: true,
    shownIn: ["request-table"],
  },
  e2e: {
    kind: "request",
    title: "end to end",
    shortTitle: "E2E",
    unit: "ms",
    better: "lower",
    definition: "last content − send",
    measure: ({ lastMs, sendMs }) => since(sendMs, lastMs),
    fromSchedule: "e2eFromSchedule",
    isLimitable: true,
    isSlo: true,
    compared: TAILS,
    shownIn: ["console", "tile", "chart", "request-table"],
  },
  e2eFromSchedule: {
    kind: "request",
    title: "end to end, from schedule",
    shortTitle: "E2E from schedule",
    unit: "ms",
    better: "lower",
    definition: "last content − sched",
    measure: ({ lastMs, schedMs }) => since(schedMs, lastMs),
  },
  requestThroughput: {
    kind: "run",
    title: "request throughput",
    unit: "requests/s",
    better: "higher",
    definition: "ok requests per second of the window from the first send to the last close",
    aggregate: (totals) => perSecond(totals.okCount, totals),
    isLimitable: true,
    compared: ["value"],
    shownIn: ["console", "tile"],
  },
  tokenThroughput: {
    kind: "run",
    title: "output-token throughput",
    unit: "tokens/s",
    better: "higher",
    definition: "output tokens of ok requests per second of the window from the first send to the last close",
    aggregate: (totals) => perSecond(totals.tokenCount, totals),
    countsTokens: true,
    isLimitable: true,
    compared: ["value"],
    shownIn: ["console", "tile"],
  },
  goodput: {
    kind: "run",
    title: "goodput",
    unit: "requests/s",
    better: "higher",
    definition: "requests that are ok and meet the SLO, per second of the window; open loop: judged from schedule",
    aggregate: (totals) => perSecond(totals.metCount, totals),
    dependsOnSlo: true,
  },
  goodputRatio: {
    kind: "run",
    title: "goodput ratio",
    unit: "share",
    better: "higher",
    definition: "requests that are ok and meet the SLO, as a share of the attempted; open loop: judged from schedule",
    aggregate: ({ metCount, records }) => shareOf(metCount, records.length),
    limitsErrors: true,
    dependsOnSlo: true,
    isLimitable: true,
    compared: ["value"],
    shownIn: ["tile"],
  },
  errors: {
    kind: "run",
    title: "errors",
    unit: "requests",
    better: "lower",
    definition: "requests whose status is not ok",
    aggregate: ({ records, okCount }) => records.length - okCount,
    limitsErrors: true,
    isLimitable: true,
    shownIn: ["tile"],
  },
  errorRate: {
    kind: "run",
    title: "error rate",
    unit: "share",
    better: "lower",
    definition: "requests whose status is not ok, as a share of the attempted",
    aggregate: ({ records, okCount }) => shareOf(records.length - okCount, records.length),
    isErrorShare: true,
    limitsErrors: true,
    isLimitable: true,
    compared: ["value"],
  },
  concurrencyMean: {
    kind: "run",
    title: "concurrency, mean",
    unit: "requests",
    better: "neither",
    definition: "Σ (close − send) / window: the time-weighted mean of requests in flight",
    aggregate: ({ records, window }) => meanConcurrency(records, window),
    shownIn: ["tile"],
  },
  concurrencyPeak: {
    kind: "run",
    title: "concurrency, peak",
    unit: "requests",
    better: "neither",
    definition: "most requests in flight at the same time",
    aggregate: ({ records }) => peakConcurrency(records),
  },
} as const satisfies Record<string, Metric>;

type Entries = typeof METRICS;
/** The key of a metric. */
export type MetricKey = keyof Entries;
/** The keys of all entries that have these fields. */
export type MetricKeyWith<Fields> = { [Key in MetricKey]: Entries[Key] extends Fields ? Key : never }[MetricKey];

/** Metrics with one value per request. */
export type RequestMetric = MetricKeyWith<{ kind: "request" }>;
/** Metrics with a distribution. */
export type LatencyMetric = MetricKeyWith<{ kind: "request" | "pooled" }>;
/** Metrics with one value per run. */
export type RunMetric = MetricKeyWith<{ kind: "run" }>;

export const METRIC_KEYS = Object.keys(METRICS) as readonly MetricKey[];
export const REQUEST_METRICS = METRIC_KEYS.filter((key) => METRICS[key].kind === "request") as readonly RequestMetric[];
export const LATENCY_METRICS = METRIC_KEYS.filter((key) => METRICS[key].kind !== "run") as readonly LatencyMetric[];
export const RUN_METRICS = METRIC_KEYS.filter((key) => METRICS[key].kind === "run") as readonly RunMetric[];

/** What every metric is, in words: the part of the registry that is stored with a result. */
export const METRIC_DEFINITIONS = Object.fromEntries(
  METRIC_KEYS.map((key) => {
    const { title, unit, better, definition } = METRICS[key];
    return [key, { title, unit, better, definition }] as const;
  }),
) as Readonly<Record<MetricKey, MetricDefinition>>;

/** The entry of a metric, with the fields that only some entries have. */
export function metricOf(key: LatencyMetric): Exclude<Metric, { kind: "run" }>;
export function metricOf(key: RunMetric): Extract<Metric, { kind: "run" }>;
export function metricOf(key: MetricKey): Metric;
export function metricOf(key: MetricKey): Metric {
  return METRICS[key];
}

/** How a statistic of a metric is named in one line: "TTFT p95", "request throughput". */
export function nameStatistic(metric: MetricKey, statistic: string): string {
  const { shortTitle, title } = metricOf(metric);
  return statistic === "value" ? (shortTitle ?? title) : `${shortTitle ?? title} ${statistic}`;
}

/** Whether a metric is a mean over the tokens of a request: a late client shifts only the two ends of the divided time. */
export function isMeanOverTokens(metric: LatencyMetric): boolean {
  const entry = metricOf(metric);
  return entry.kind === "request" && entry.isMeanOverTokens === true;
}

/** Whether a metric is the share of failed requests, which is 0 in most runs. */
export function isErrorShare(metric: MetricKey): boolean {
  const entry = metricOf(metric);
  return entry.kind === "run" && entry.isErrorShare === true;
}

function since(fromMs: number | null, toMs: number | null): number | undefined {
  return fromMs === null || toMs === null ? undefined : toMs - fromMs;
}

function perSecond(count: number, { window }: RunTotals): number {
  return window.durationMs === 0 ? 0 : (count * 1000) / window.durationMs;
}

function shareOf(count: number, whole: number): number {
  return whole === 0 ? 0 : count / whole;
}
