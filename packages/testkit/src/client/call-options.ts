/** Limits for one call. */
export interface CallOptions {
  /** Aborts the call. */
  readonly signal?: AbortSignal | undefined;
  /** For the response headers, and for the whole body of everything but a stream. @default 30000 */
  readonly timeoutMs?: number | undefined;
}
