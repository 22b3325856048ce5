import type { EncodedHistogram } from "./metrics/itl-histogram.js";
import type { JudgedFrom } from "./metrics/judged-from.js";
import type { MetricDefinition } from "./metrics/metric.js";
import type { RecordedMetrics } from "./metrics/recorded.js";
import type { MetricKey } from "./metrics/registry.js";
import type { RequestRecord } from "./metrics/request-record.js";
import type { RequestSlo } from "./metrics/slo.js";
import type { LoadSummary } from "./metrics/summarize.js";
import type { Fingerprint } from "./machine.js";
import type { LoadResponse } from "./response/load-response.js";
import type { ClientLoad } from "./run/client-watch.js";
import type { KeptTexts } from "./run/kept-texts.js";
import type { LoadProfile } from "./schedule/profile.js";
import type { StopRule } from "./schedule/stop.js";
import type { Stall } from "./verdict/stalls.js";
import type { ValidityVerdict } from "./verdict/validity-verdict.js";
import type { Workload } from "./workload.js";

/** Why sending stopped; `error-rate` and everything after it make the result partial. */
export type EndReason = "schedule" | "count" | "time" | "error-rate" | "abort" | "stall" | "client-lost";

/** What was requested of the run. */
export interface LoadPlan {
  readonly profile: LoadProfile;
  readonly stop: StopRule;
  readonly warmup: StopRule | null;
  /** Parts of equal size, with no request in flight between them. @default 1 */
  readonly rounds?: number | undefined;
  /** Decimal digits, because a u64 does not fit into a JSON number. */
  readonly seed: string;
  /** Client threads; 1 is the calling thread itself. */
  readonly clientThreads: number;
  /** What each request had to meet to count for goodput. */
  readonly slo: RequestSlo;
  /** Open loop: from schedule. */
  readonly judgedFrom: JudgedFrom;
  /** Requests of the schedule; `null` if only the time ends it. */
  readonly requestCount: number | null;
}

/** Rates of an open loop. */
export interface RateReport {
  readonly requestedPerSec: number;
  readonly achievedPerSec: number;
  readonly ratio: number;
}

/** The tokens of the records compared with the worker's own counter `worker_tokens_generated_total`. */
export type TokenCheck =
  | {
      readonly status: "compared";
      readonly counted: number;
      readonly workerCounted: number;
      readonly difference: number;
    }
  | { readonly status: "unavailable"; readonly reason: string };

/** The warm-up, which is excluded from the results. */
export interface WarmupReport {
  readonly attempted: number;
  readonly ok: number;
  readonly durationMs: number;
}

/** What a result has besides its metrics. */
interface LoadFacts extends Pick<LoadSummary, "window" | "counts"> {
  readonly schemaVersion: 1;
  readonly kind: "load-result";
  /** When the measured phase began, ISO 8601. */
  readonly startedAt: string;
  /** `partial`: it ended early; see `ended`. */
  readonly status: "complete" | "partial";
  readonly ended: { readonly by: EndReason; readonly message: string };
  readonly plan: LoadPlan;
  /** What the requests asked for. Absent from results of older releases. */
  readonly workload?: Workload | undefined;
  readonly machine: Fingerprint;
  readonly warmup: WarmupReport | null;
  /** `null` in a closed loop, and for schedules without a duration. */
  readonly rate: RateReport | null;
  readonly clients: readonly ClientLoad[];
  readonly tokenCheck: TokenCheck;
  /** When no request in flight made progress; `null` in an open loop. Absent from results of older releases. */
  readonly stalls?: readonly Stall[] | null | undefined;
  readonly validity: ValidityVerdict;
  /** How the worker responded to more load; absent if the load did not change, and from results of older releases. */
  readonly response?: LoadResponse | undefined;
  readonly itlHistogram: EncodedHistogram;
  /** One for each request of the measured phase, by index. */
  readonly records: readonly RequestRecord[];
  /** Prompts and outputs, with `keepText`. */
  readonly texts?: KeptTexts | undefined;
}

/**
 * Everything about one load run, JSON-compatible: every report is generated from it. A new metric does not change `schemaVersion`; a
 * breaking change raises it.
 */
export interface LoadResult extends LoadFacts, LoadSummary {
  /** What each number means, keyed by the `metric` stored with it. */
  readonly definitions: Readonly<Record<MetricKey, MetricDefinition>>;
}

/** A result read from a file: one written by another release may lack metrics. Every {@link LoadResult} is one. */
export interface StoredLoadResult extends LoadFacts, RecordedMetrics {}
