import type { LoadWindow } from "./concurrency.js";
import type { RequestRecord } from "./request-record.js";

/** Units of this release; a newer one may have others. */
export type MetricUnit = "ms" | "requests/s" | "tokens/s" | "share" | "requests";

/** What one figure means. Stored with the numbers of every report, because load tools define the same names differently. */
export interface MetricDefinition {
  readonly title: string;
  readonly unit: MetricUnit;
  /** Which direction is better. `neither`: it describes the load, not the worker. */
  readonly better: "lower" | "higher" | "neither";
  readonly definition: string;
}

/** What `compareRuns()` can compare: a percentile of a distribution, or the figure of a run. */
export type Statistic = "p50" | "p95" | "p99" | "value";

/** Where a metric is shown besides the complete tables: printed by `profile`, or as a tile, chart or column of the page. */
export type MetricView = "console" | "tile" | "chart" | "request-table";

interface MetricBase extends MetricDefinition {
  /** The abbreviation that engineers use, for places with little room. @default the title */
  readonly shortTitle?: string;
  /** `limits` of a run may name it: an upper bound where lower is better, a lower bound where higher is better. */
  readonly isLimitable?: true;
  /** Statistics that `compareRuns()` compares; none if absent. */
  readonly compared?: readonly Statistic[];
  readonly shownIn?: readonly MetricView[];
  /** Has no value for a request with fewer than two tokens: a run of such requests is compared without it. */
  readonly needsTwoTokens?: true;
}

/** One value for each request, reported as a distribution. */
export interface RequestMetricEntry extends MetricBase {
  readonly kind: "request";
  readonly unit: "ms";
  /** The value in ms, if the request has one. A record stored by an older release may lack newer fields. */
  readonly measure: (record: RequestRecord) => number | null | undefined;
  /** Which requests enter the distribution. @default "ok" */
  readonly requests?: "ok" | "sent";
  /** The metric that is judged instead in an open loop. */
  readonly fromSchedule?: string;
  /** `slo` of a request may name it, as `<key>Ms`. */
  readonly isSlo?: true;
  /** A mean over the tokens of the request, so it depends on how many tokens are counted. */
  readonly isMeanOverTokens?: true;
}

/** Many values for each request, pooled over all ok requests in the histogram of the run. */
export interface PooledMetricEntry extends MetricBase {
  readonly kind: "pooled";
  readonly unit: "ms";
}

/** One figure for each run. */
export interface RunMetricEntry extends MetricBase {
  readonly kind: "run";
  readonly aggregate: (totals: RunTotals) => number;
  /** The share of failed requests: compared by its mean, with a tolerance of its own, and also in runs that errors cut short. */
  readonly isErrorShare?: true;
  /** Depends on how many tokens are counted. */
  readonly countsTokens?: true;
  /** A limit on it sets how many errors are allowed; without such a limit, none are. */
  readonly limitsErrors?: true;
  /** Another SLO makes it another figure, which is not compared. */
  readonly dependsOnSlo?: true;
}

/** One entry of the registry. */
export type Metric = RequestMetricEntry | PooledMetricEntry | RunMetricEntry;

/** What the figures of a run are computed from. */
export interface RunTotals {
  readonly records: readonly RequestRecord[];
  readonly window: LoadWindow;
  /** Requests with status ok. */
  readonly okCount: number;
  /** Requests that are ok and meet the SLO. */
  readonly metCount: number;
  /** Output tokens of the ok requests. */
  readonly tokenCount: number;
}
