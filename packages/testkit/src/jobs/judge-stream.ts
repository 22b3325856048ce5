import type { Dialect, EndEvent, ExecuteBody, InferenceEvent } from "../dialects/index.js";
import {
  describeOutcome,
  extractText,
  extractTokens,
  findCompletionProblem,
  findOrderViolation,
  type CollectedStream,
} from "../events/index.js";
import { plural } from "../numbers/index.js";
import { isCancelledEnd } from "./cancel-result.js";
import type { CompleteTimings, JobFacts, JobOutcome, JobTimings } from "./job-outcome.js";
import { findRequestMismatch } from "./judge-request.js";

/** What was asked, and of what kind of server. */
export interface Asked {
  readonly request: ExecuteBody;
  readonly dialect: Dialect | undefined;
}

/** The outcome of a job whose answer was an event stream that was read to its end. */
export function judgeStream(facts: JobFacts, stream: CollectedStream, asked: Asked): JobOutcome {
  const { outcome } = stream;
  const broken = { ...facts, stream, message: describeOutcome(outcome) };
  switch (outcome.status) {
    case "complete":
      return judgeComplete(facts, stream, { ...asked, end: outcome.terminal });
    case "worker-error": {
      const violation = findOrderViolation(stream);
      if (violation !== undefined) return { ...broken, status: "invalid-event", message: violation.message };
      if (isCancelledEnd(stream)) return { ...broken, status: "cancelled" };
      const { code, retriable } = outcome.terminal;
      return { ...broken, status: "worker-error", code, retriable };
    }
    case "invalid-event":
      if (outcome.foreignJobId === undefined) return { ...broken, status: "invalid-event" };
      return { ...broken, status: "cross-talk", otherJobId: outcome.foreignJobId };
    case "limit-exceeded":
      return { ...broken, status: "limit-exceeded", limit: outcome.limit };
    case "transport-error":
      return { ...broken, status: "transport-error", error: outcome.cause };
    case "truncated":
    case "aborted":
      return { ...broken, status: outcome.status };
  }
}

/** When the events of a stream arrived. */
export function timeStream(stream: CollectedStream, answered: Omit<JobTimings, "closedAtMs">): JobTimings {
  const { events, arrivals, terminal, endedAtMs } = stream;
  const arrivalAt = (index: number) => (index === -1 ? undefined : arrivals[index]);
  return {
    ...answered,
    firstTokenAtMs: arrivalAt(events.findIndex(isContent)),
    lastTokenAtMs: arrivalAt(events.findLastIndex(isContent)),
    terminalAtMs: terminal === undefined ? undefined : arrivalAt(events.indexOf(terminal)),
    closedAtMs: endedAtMs,
  };
}

function judgeComplete(
  facts: JobFacts,
  stream: CollectedStream,
  { end, ...asked }: Asked & { readonly end: EndEvent },
): JobOutcome {
  const problem = findCompletionProblem(stream);
  if (problem?.code === "ORDER_VIOLATED") {
    return { ...facts, status: "invalid-event", stream, message: problem.message };
  }
  if (isCancelledEnd(stream)) {
    return { ...facts, status: "cancelled", stream, message: "the worker ended it with the stop reason `cancelled`" };
  }
  if (end.stop_reason === "error") {
    const message = "the worker ended it with the stop reason `error`";
    return { ...facts, status: "worker-error", stream, message, code: "error", retriable: false };
  }
  if (problem !== undefined) return { ...facts, status: "invalid-event", stream, message: problem.message };
  if (stream.invalidUtf8Count > 0) {
    const message = `it contains ${plural(stream.invalidUtf8Count, "byte sequence")} that ${stream.invalidUtf8Count === 1 ? "is" : "are"} not UTF-8`;
    return { ...facts, status: "invalid-utf8", stream, end, message };
  }
  const tokens = extractTokens(stream);
  if (!stream.events.some(isContent)) return { ...facts, status: "empty", stream, end, message: "it has no tokens" };
  // With content and a terminal event, every time is present.
  const timings = facts.timings as CompleteTimings;
  const text = extractText(stream);
  const mismatch = findRequestMismatch({ ...asked, stream, end, text });
  if (mismatch !== undefined) return { ...facts, status: "not-as-requested", stream, end, ...mismatch };
  return { ...facts, status: "ok", timings, stream, end, tokens, text };
}

/** What a model generates: text, or the call of a tool. */
function isContent({ type }: InferenceEvent): boolean {
  return type === "token" || type === "tool_call";
}
