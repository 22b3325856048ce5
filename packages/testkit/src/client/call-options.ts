import { abortSignal, defineOptions, timeoutMs, type OptionsOf } from "../options/index.js";

export const CALL_OPTIONS = defineOptions({
  /** Aborts the call. */
  signal: abortSignal(),
  /** Time-out for the response headers, and for the whole body of everything but a stream. @default 30000 */
  timeoutMs: timeoutMs(),
});

/** Options of one call. */
export interface CallOptions extends OptionsOf<typeof CALL_OPTIONS> {}
