import type { ExecuteResponse } from "../client/index.js";
import { StreamError } from "../errors/index.js";
import { streamTimeouts } from "../events/index.js";
import {
  abortSignal,
  checkOption,
  defineOptions,
  resolveOptions,
  timeoutMs,
  withDefault,
  type OptionsOf,
} from "../options/index.js";
import { judgeCancel, type CancelResult } from "./cancel-result.js";
import { jobTrigger, type JobTrigger } from "./trigger.js";
import { watchCancel } from "./watch-cancel.js";

export const DEFAULT_CANCEL_TIMEOUT_MS = 10_000;

export const CANCEL_OPTIONS = defineOptions({
  /** How long the job may continue after the cancellation, in ms; then the connection is cut. @default 10000 */
  timeoutMs: withDefault(timeoutMs(), DEFAULT_CANCEL_TIMEOUT_MS),
  /** For reading the stream; they take precedence over those of the response. */
  timeouts: streamTimeouts(),
  /** Aborts: the connection is cut and the job is not cancelled. */
  signal: abortSignal(),
});

/** Options of {@link cancelAfter}. */
export interface CancelAfterOptions extends OptionsOf<typeof CANCEL_OPTIONS> {}

/**
 * Reads a stream, cancels its job when the trigger is reached, and reads the rest. Resolves with the result and never throws for
 * the worker's behavior; see `assertCancelled()`. A job that ends before the trigger is `too-late`.
 *
 * @throws {INVALID_OPTION} an invalid trigger or option, or a response without a job id.
 * @throws {HTTP_FAILED} a response with a status other than 200. @throws {INVALID_RESPONSE} not an event stream.
 * @throws {STREAM_ABORTED} `signal` fired.
 * @example
 * const result = await cancelAfter(await worker.execute(request), { tokens: 3 });
 * assertCancelled(result, { withinMs: 1000 });
 */
export async function cancelAfter(
  response: ExecuteResponse,
  trigger: JobTrigger,
  options: CancelAfterOptions = {},
): Promise<CancelResult> {
  const { jobId, dialect } = (response as Partial<ExecuteResponse> | undefined) ?? {};
  checkOption(dialect !== undefined && (jobId !== undefined || dialect.cancel === undefined), "response", {
    wanted: "the answer of execute() to a request that has a `job_id`",
    value: response,
  });
  jobTrigger().read("trigger", trigger);
  const { timeoutMs, timeouts, signal } = resolveOptions(CANCEL_OPTIONS, options);
  const run = await watchCancel(response, { trigger, timeoutMs, timeouts, signal });
  if (signal?.aborted === true && run.stream.outcome.status === "aborted") {
    throw new StreamError("STREAM_ABORTED", {
      message: "cancelAfter() was aborted while it read",
      cause: signal.reason,
    });
  }
  return judgeCancel(run);
}
