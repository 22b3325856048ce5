import type { ExecuteResponse } from "../client/index.js";
import { checkKnownOptions, checkOption, checkTimeout, StreamError } from "../errors/index.js";
import { resolveStreamTimeouts, type StreamTimeouts } from "../events/index.js";
import { judgeCancel, type CancelResult } from "./cancel-result.js";
import { requireCancel } from "./job-target.js";
import { checkTrigger, type JobTrigger } from "./trigger.js";
import { watchCancel } from "./watch-cancel.js";

/** Options of {@link cancelAfter}. */
export interface CancelAfterOptions {
  /** How long the job may run on after the cancellation, in ms; then the connection is cut. @default 10000 */
  readonly timeoutMs?: number | undefined;
  /** Limits for reading the stream; they go before those of the response. */
  readonly timeouts?: StreamTimeouts | undefined;
  /** Gives up; the job is not cancelled then, its connection is cut. */
  readonly signal?: AbortSignal | undefined;
}

export const DEFAULT_CANCEL_TIMEOUT_MS = 10_000;

/**
 * Reads a stream, cancels its job when the trigger is reached, and reads on to the end. Resolves with what became of it, never
 * throws for what the worker did; see `assertCancelled()`. A job that ends before the trigger is `too-late`.
 *
 * @throws {INVALID_OPTION} a wrong trigger or option, or a response without a job id.
 * @throws {HTTP_FAILED} a response with a status other than 200. @throws {INVALID_RESPONSE} no event stream.
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
  checkOption((response as Partial<ExecuteResponse> | undefined)?.jobId !== undefined, "response", {
    wanted: "that of execute() with a request that has a `job_id`",
    value: response,
  });
  requireCancel("`cancelAfter()`", response);
  checkTrigger("trigger", trigger);
  checkKnownOptions("options", options, ["timeoutMs", "timeouts", "signal"] satisfies (keyof CancelAfterOptions)[]);
  const { timeoutMs = DEFAULT_CANCEL_TIMEOUT_MS, timeouts = {}, signal } = options;
  checkTimeout("timeoutMs", timeoutMs);
  resolveStreamTimeouts(timeouts);
  const run = await watchCancel(response, { trigger, timeoutMs, timeouts, signal });
  if (signal?.aborted === true && run.stream.outcome.status === "aborted") {
    throw new StreamError("STREAM_ABORTED", {
      message: "cancelAfter() was aborted while it read",
      cause: signal.reason,
    });
  }
  return judgeCancel(run);
}
