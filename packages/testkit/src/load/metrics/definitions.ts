/** What one figure is, in words, beside every number of a report: tools of the field differ and say so too rarely. */
export interface MetricDefinition {
  readonly title: string;
  readonly unit: "ms" | "requests/s" | "tokens/s" | "share" | "requests";
  /** Which direction is better. `neither`: it describes the load, not the worker. */
  readonly better: "lower" | "higher" | "neither";
  readonly definition: string;
}

const ms = (title: string, definition: string): MetricDefinition => ({
  title,
  unit: "ms",
  better: "lower",
  definition,
});

/**
 * Every figure of a load run. Time stamps are monotonic and taken on arrival, before anything is parsed. Only requests with status ok
 * enter the latencies.
 */
export const METRIC_DEFINITIONS = {
  clientDelay: ms("client delay", "send − sched: how late the client itself was; healthy is a median below 10 ms"),
  ttft: ms("time to first token", "first event with non-empty text − send"),
  ttftFromSchedule: ms("time to first token, from schedule", "first event with non-empty text − sched"),
  gap: ms(
    "chunk gap",
    "gap between successive content events, of all requests together, from an HDR histogram (3 digits)",
  ),
  longestStall: ms("longest stall", "the longest chunk gap of each request; none for fewer than 2 content events"),
  tpot: ms(
    "time per output token",
    "(last content − first content) / (n − 1) of each request, none for n < 2; n = tokens_out, else the number of token events (estimated)",
  ),
  e2e: ms("end to end", "last content − send"),
  e2eFromSchedule: ms("end to end, from schedule", "last content − sched"),
  requestThroughput: {
    title: "request throughput",
    unit: "requests/s",
    better: "higher",
    definition: "ok requests per second of the window from the first send to the last close",
  },
  tokenThroughput: {
    title: "output-token throughput",
    unit: "tokens/s",
    better: "higher",
    definition: "Σ n over ok requests per second of the window from the first send to the last close",
  },
  goodput: {
    title: "goodput",
    unit: "requests/s",
    better: "higher",
    definition: "requests that are ok and meet all limits, per second of the window; open loop: judged from schedule",
  },
  goodputShare: {
    title: "goodput, share",
    unit: "share",
    better: "higher",
    definition:
      "requests that are ok and meet all limits, as a share of the attempted; open loop: judged from schedule",
  },
  errorShare: {
    title: "errors, share",
    unit: "share",
    better: "lower",
    definition: "requests whose status is not ok, as a share of the attempted",
  },
  concurrencyMean: {
    title: "concurrency, mean",
    unit: "requests",
    better: "neither",
    definition: "Σ (close − send) / window: the time-weighted mean of requests under way",
  },
  concurrencyPeak: {
    title: "concurrency, peak",
    unit: "requests",
    better: "neither",
    definition: "most requests under way at the same time",
  },
} as const satisfies Record<string, MetricDefinition>;

/** The key of a definition. */
export type MetricKey = keyof typeof METRIC_DEFINITIONS;

/** Metrics with one value per request. */
export const REQUEST_METRICS = [
  "clientDelay",
  "ttft",
  "ttftFromSchedule",
  "longestStall",
  "tpot",
  "e2e",
  "e2eFromSchedule",
] as const satisfies readonly MetricKey[];
export type RequestMetric = (typeof REQUEST_METRICS)[number];

/** Metrics with a distribution. */
export type LatencyMetric = RequestMetric | "gap";

/** Metrics with one value per run. */
export const RUN_METRICS = [
  "requestThroughput",
  "tokenThroughput",
  "goodput",
  "goodputShare",
  "errorShare",
  "concurrencyMean",
  "concurrencyPeak",
] as const satisfies readonly MetricKey[];
export type RunMetric = (typeof RUN_METRICS)[number];
