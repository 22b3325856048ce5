import { firstLine } from "../errors/index.js";
import type { CancelState } from "inference-worker-protocol";
import { findOrderViolation, type CollectedStream } from "../events/index.js";

/** Common to all results of a cancellation. */
export interface CancelFacts {
  /** The whole stream, including what arrived after the cancellation. */
  readonly stream: CollectedStream;
  /** Token events that had arrived when the cancellation was sent; all of them if it was not sent. */
  readonly tokensBefore: number;
  /** The worker's answer; `undefined` if nothing was sent or it did not answer. */
  readonly cancelState: CancelState | undefined;
}

/** The job ended as cancelled: `error` with the code CANCELLED, or `end` with the stop reason `cancelled`. */
export interface CancelledResult extends CancelFacts {
  readonly status: "cancelled";
  /**
   * `request`: the worker was asked, and ended the stream. `disconnect`: the dialect has no such request, and the connection was closed.
   * When the server noticed, and what it generated until then, cannot be known from here: `waitForIdle()` measures it.
   */
  readonly by: "request" | "disconnect";
  /** From the call of the cancellation to the terminal event, in ms; by `disconnect`: until the connection was closed. */
  readonly latencyMs: number;
  /** Token events that arrived after the call; some may have been on their way. By `disconnect`, none can arrive. */
  readonly tokensAfterCancel: number;
}

/** The job had ended before the cancellation reached it: nothing was tested. */
export interface TooLateResult extends CancelFacts {
  readonly status: "too-late";
  readonly reason: string;
}

/** The job continued, its stream or the order of its events broke, or the cancellation itself failed. */
export interface IgnoredResult extends CancelFacts {
  readonly status: "ignored";
  readonly reason: string;
  readonly tokensAfterCancel: number;
  /** Why the cancel call failed, if it did. */
  readonly error?: unknown;
}

/** The result of a cancellation. */
export type CancelResult = CancelledResult | TooLateResult | IgnoredResult;

/** The raw facts that {@link judgeCancel} judges. */
export interface CancelRun {
  readonly stream: CollectedStream;
  readonly call: CancelCall | undefined;
  /** How long the job was allowed to continue after the call. */
  readonly timeoutMs: number;
}

/** A cancel call. */
export interface CancelCall {
  readonly calledAtMs: number;
  readonly tokensBefore: number;
  readonly answer:
    | { readonly kind: "answered"; readonly state: CancelState; readonly atMs: number }
    | { readonly kind: "failed"; readonly error: unknown }
    | { readonly kind: "disconnected" };
  /** The job did not end in time. */
  readonly expired: boolean;
}

/** The answer "finished" may overtake the job's last event, which is on another connection. */
const OVERTAKE_MS = 250;

/** Decides the result of a cancellation. */
export function judgeCancel({ stream, call, timeoutMs }: CancelRun): CancelResult {
  const tokenCount = stream.events.filter((event) => event.type === "token").length;
  if (call === undefined) {
    const reason = "the job had ended before the cancellation was sent";
    return { status: "too-late", stream, tokensBefore: tokenCount, cancelState: undefined, reason };
  }
  const { answer, tokensBefore } = call;
  const cancelState = answer.kind === "answered" ? answer.state : undefined;
  const facts = { stream, tokensBefore, cancelState };
  const tokensAfterCancel = tokenCount - tokensBefore;
  const ignored = (reason: string, error?: { error: unknown }): IgnoredResult => {
    return { status: "ignored", ...facts, tokensAfterCancel, reason, ...error };
  };
  if (answer.kind === "failed") return ignored(`the cancellation failed: ${firstLine(answer.error)}`, answer);
  const endedAtMs = findTerminalArrival(stream);
  if (answer.kind === "disconnected") {
    if (endedAtMs !== undefined) return { status: "too-late", ...facts, reason: "its last event was in flight" };
    const latencyMs = stream.endedAtMs - call.calledAtMs;
    return { status: "cancelled", by: "disconnect", ...facts, latencyMs, tokensAfterCancel };
  }
  if (endedAtMs === undefined) {
    const late = `the job had not ended ${timeoutMs} ms after the cancellation`;
    return ignored(call.expired ? late : "the stream broke off without a terminal event");
  }
  if (endedAtMs < call.calledAtMs) return { status: "too-late", ...facts, reason: "its last event was in flight" };
  if (isCancelledEnd(stream)) {
    const violation = findOrderViolation(stream);
    if (violation !== undefined) return ignored(`its events are in the wrong order: ${firstLine(violation)}`);
    return { status: "cancelled", by: "request", ...facts, latencyMs: endedAtMs - call.calledAtMs, tokensAfterCancel };
  }
  if (answer.state === "cancelling") return ignored("the worker accepted it, and the job continued to its own end");
  if (endedAtMs > answer.atMs + OVERTAKE_MS)
    return ignored(`the worker answered \`${answer.state}\`, but the job continued`);
  return { status: "too-late", ...facts, reason: `the worker answered \`${answer.state}\`: the job had ended` };
}

/** Whether the stream ended in one of the two forms of a cancelled job. */
export function isCancelledEnd({ terminal }: CollectedStream): boolean {
  return terminal?.type === "error" ? terminal.code === "CANCELLED" : terminal?.stop_reason === "cancelled";
}

function findTerminalArrival({ events, arrivals, terminal }: CollectedStream): number | undefined {
  return terminal === undefined ? undefined : arrivals[events.indexOf(terminal)];
}
