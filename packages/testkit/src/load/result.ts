import type { MetricDefinition, MetricKey } from "./metrics/definitions.js";
import type { EncodedGaps } from "./metrics/gap-histogram.js";
import type { JudgedFrom, RequestLimits } from "./metrics/request-limits.js";
import type { RequestRecord } from "./metrics/request-record.js";
import type { LoadSummary } from "./metrics/summarize.js";
import type { Fingerprint } from "./machine.js";
import type { ClientLoad } from "./run/client-watch.js";
import type { LoadProfile } from "./schedule/profile.js";
import type { StopRule } from "./schedule/stop.js";
import type { ValidityVerdict } from "./verdict/validity-verdict.js";

/** Why no more requests were sent; everything from `error-rate` on makes the result partial. */
export type EndReason = "schedule" | "count" | "time" | "error-rate" | "abort" | "stall" | "client-lost";

/** What was asked for. */
export interface LoadPlan {
  readonly profile: LoadProfile;
  readonly stop: StopRule;
  readonly warmup: StopRule | null;
  /** Decimal digits: a u64 does not fit into a JSON number. */
  readonly seed: string;
  /** Client threads; 1 is the calling thread itself. */
  readonly workers: number;
  readonly limits: RequestLimits;
  /** Open loop: from schedule. */
  readonly judgedFrom: JudgedFrom;
  /** Requests of the schedule; `null` if the time alone ends it. */
  readonly requestCount: number | null;
}

/** Rates of an open loop. */
export interface RateReport {
  readonly requestedPerSec: number;
  readonly achievedPerSec: number;
  readonly ratio: number;
}

/** The tokens of the records beside the worker's own counter `worker_tokens_generated_total`. */
export type TokenCheck =
  | {
      readonly status: "compared";
      readonly counted: number;
      readonly workerCounted: number;
      readonly difference: number;
    }
  | { readonly status: "unavailable"; readonly reason: string };

/** A phase that was thrown away. */
export interface WarmupReport {
  readonly attempted: number;
  readonly ok: number;
  readonly durationMs: number;
}

/**
 * Everything about one load run: JSON-able as it is, and the model from which every report is made. A change that breaks its readers
 * raises `schemaVersion`.
 */
export interface LoadResult extends LoadSummary {
  readonly schemaVersion: 1;
  readonly kind: "load-result";
  /** ISO 8601, when the measured phase began. */
  readonly startedAt: string;
  /** `partial`: it was ended before its time; see `ended`. */
  readonly status: "complete" | "partial";
  readonly ended: { readonly by: EndReason; readonly message: string };
  readonly plan: LoadPlan;
  readonly machine: Fingerprint;
  readonly warmup: WarmupReport | null;
  /** `null` in a closed loop, and for schedules without a stretch of time. */
  readonly rate: RateReport | null;
  readonly clients: readonly ClientLoad[];
  readonly tokenCheck: TokenCheck;
  readonly validity: ValidityVerdict;
  /** What each number is: the keys are those of `metric` beside the numbers. */
  readonly definitions: Readonly<Record<MetricKey, MetricDefinition>>;
  readonly gapHistogram: EncodedGaps;
  /** One for each request of the measured phase, by index. */
  readonly records: readonly RequestRecord[];
}
