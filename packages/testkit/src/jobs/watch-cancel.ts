import { joinSignals } from "../system/index.js";
import type { CallOptions, ExecuteResponse } from "../client/index.js";
import { watchStream, type StreamTimeouts } from "../events/index.js";
import type { CancelCall, CancelRun } from "./cancel-result.js";
import { countTokens, TriggerWatch, type JobTrigger } from "./trigger.js";

/** How a job is cancelled, and how long it may continue. */
export interface CancelPlan {
  readonly trigger: JobTrigger;
  readonly timeoutMs: number;
  readonly timeouts: StreamTimeouts | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Reads a stream to its end and cancels its job when the trigger is reached: by a request, or by closing the connection.
 *
 * @throws {HTTP_FAILED} @throws {INVALID_RESPONSE} see `collectStream()`.
 */
export async function watchCancel(response: ExecuteResponse, plan: CancelPlan): Promise<CancelRun> {
  const { timeoutMs } = plan;
  const expiry = new AbortController();
  const signal = joinSignals(expiry.signal, plan.signal);
  let timer: NodeJS.Timeout | undefined;
  let call: Promise<Omit<CancelCall, "expired">> | undefined;
  const watch = new TriggerWatch(plan.trigger, (events) => {
    if (timeoutMs !== Infinity) {
      timer = setTimeout(() => expiry.abort(`the job had not ended ${timeoutMs} ms after its cancellation`), timeoutMs);
    }
    const tokensBefore = countTokens(events);
    if (response.dialect.cancel === undefined) {
      call = Promise.resolve({ calledAtMs: performance.now(), tokensBefore, answer: { kind: "disconnected" } });
      expiry.abort("the connection was closed to cancel the job");
    } else {
      call = callCancel(response, { timeoutMs, signal: plan.signal }, tokensBefore);
    }
  });
  try {
    watch.start(response.sentAtMs);
    const stream = await watchStream(response, { ...plan.timeouts, signal }, (events) => watch.see(events));
    return { stream, call: call && { ...(await call), expired: expiry.signal.aborted }, timeoutMs };
  } finally {
    watch.stop();
    clearTimeout(timer);
  }
}

async function callCancel(
  response: ExecuteResponse,
  options: CallOptions,
  tokensBefore: number,
): Promise<Omit<CancelCall, "expired">> {
  const calledAtMs = performance.now();
  try {
    const { state } = await response.cancel(options);
    return { calledAtMs, tokensBefore, answer: { kind: "answered", state, atMs: performance.now() } };
  } catch (error) {
    return { calledAtMs, tokensBefore, answer: { kind: "failed", error } };
  }
}
