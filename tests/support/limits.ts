/** `max_tokens` of a job that is still running whenever a test looks, on an engine with some milliseconds for each token. */
export const LONG = 2000;
/** The contract says 100 ms and a token; the rest is for a busy machine. */
export const SOON_MS = 2_000;
/** How often something is done that may leave a little behind each time. */
export const CYCLES = 50;
/** More than the garbage collector needs, far less than what 50 contexts or outputs would take. */
export const MEMORY_MARGIN_BYTES = 48 * 1024 * 1024;
