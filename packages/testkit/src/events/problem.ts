import type { InferenceEvent } from "../dialects/index.js";
import { AssertionFailedError, InvalidOptionError, OrderError, type TestkitError } from "../errors/index.js";
import { describeOutcome } from "./describe-outcome.js";
import type { CollectedStream, StreamFault } from "./outcome.js";

/** What the checks accept: events alone, or a collected stream, whose outcome is then checked and reported as well. */
export type EventsInput = readonly InferenceEvent[] | CollectedStream;

/** The codes that an event check can report. */
export type EventProblemCode =
  | "ORDER_VIOLATED"
  | "COMPLETION_FAILED"
  | "TOKEN_COUNT_MISMATCH"
  | "NO_END_EVENT"
  | "STOP_MISMATCH"
  | "NOT_STREAMED"
  | "STREAMING_UNPROVEN";

/** What a `findX` check found: data for a matcher; the matching `assertX` throws it as an error. */
export interface EventProblem {
  readonly code: EventProblemCode;
  /** Self-contained, without the hint of the code. Safe to print: control characters in received text are made visible. */
  readonly message: string;
  /** The same as JSON-compatible data. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** The events of either form of input. @throws {INVALID_OPTION} neither of the two. */
export function toEvents(input: EventsInput): readonly InferenceEvent[] {
  const candidate: unknown = input;
  if (Array.isArray(candidate)) return candidate as readonly InferenceEvent[];
  const stream = input as Partial<CollectedStream> | null | undefined;
  if (stream?.events !== undefined && stream.outcome !== undefined) return stream.events;
  throw new InvalidOptionError({
    message: `Expected \`events\` to be an array of events or a collected stream, got \`${describeValue(candidate)}\``,
  });
}

/** The fault of a collected stream that did not end properly. */
export function findFault(input: EventsInput): StreamFault | undefined {
  if (!("outcome" in input)) return undefined;
  const { outcome } = input;
  return outcome.status === "complete" || outcome.status === "worker-error" ? undefined : outcome;
}

/** A message line about that fault; empty if there is none. */
export function describeFaultLine(input: EventsInput): readonly string[] {
  const fault = findFault(input);
  return fault === undefined ? [] : [`the stream failed: ${describeOutcome(fault)}`];
}

/** Throws the error for a problem. */
export function throwProblem(problem: EventProblem | undefined): void {
  if (problem !== undefined) throw createProblemError(problem);
}

/** The error for a problem. */
export function createProblemError({ code, message: text, details }: EventProblem): TestkitError {
  const message = text.split("\n");
  return code === "ORDER_VIOLATED"
    ? new OrderError({ message, details })
    : new AssertionFailedError(code, { message, details });
}

function describeValue(value: unknown): string {
  return value instanceof Promise ? "a Promise (is an `await` missing?)" : typeof value;
}
