/** Why a run proves nothing about the worker. */
export type InvalidReasonCode =
  | "partial"
  | "nothing-sent"
  | "rate-missed"
  | "client-delay"
  | "event-loop-delay"
  | "client-cpu"
  | "token-count"
  | "not-streamed";

/** One reason with its figures. */
export interface InvalidReason {
  readonly code: InvalidReasonCode;
  readonly value: number;
  /** The bound that the value exceeds. */
  readonly limit: number;
  /** Value and limit as a sentence. */
  readonly message: string;
}

/** Whether a run measured the worker, rather than the client or nothing at all. */
export type ValidityVerdict =
  | { readonly status: "valid"; readonly reasons: readonly [] }
  | { readonly status: "invalid"; readonly reasons: readonly InvalidReason[] };
