/** Why a run proves nothing about the worker. */
export type InvalidReasonCode =
  "partial" | "nothing-sent" | "rate-missed" | "client-delay" | "event-loop-delay" | "client-cpu" | "token-count";

/** One reason with its number. */
export interface InvalidReason {
  readonly code: InvalidReasonCode;
  readonly value: number;
  /** What the value had to keep to. */
  readonly limit: number;
  /** Both in words. */
  readonly message: string;
}

/** Whether a run measured the worker, and not the client or nothing. */
export type ValidityVerdict =
  | { readonly verdict: "valid"; readonly reasons: readonly [] }
  | { readonly verdict: "invalid"; readonly reasons: readonly InvalidReason[] };
