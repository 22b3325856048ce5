import type { InferenceEvent } from "../dialects/index.js";
import { joinVisibleLines } from "../terminal/index.js";
import { countOf, describeContext, describeEvent } from "./describe-event.js";
import { describeOutcome } from "./describe-outcome.js";
import {
  describeFaultLine,
  findFault,
  throwProblem,
  toEvents,
  type EventProblem,
  type EventsInput,
} from "./problem.js";

/** The rules of event order, as {@link OrderViolation} names them. */
export type OrderRule =
  /** No event at all. */
  | "empty"
  /** The first event is `started`, or a lone `error`. */
  | "first"
  /** `started` occurs once. */
  | "started-once"
  /** `i` counts 0, 1, 2, … */
  | "token-index"
  /** Exactly one terminal event, and nothing after it. */
  | "after-terminal"
  /** The last event is `end` or `error`. */
  | "no-terminal"
  /** The order is right so far, but the collected stream failed after it. */
  | "outcome";

/** The first place where the order is broken. `index` is one past the last event when something is missing at the end. */
export interface OrderViolation extends EventProblem {
  readonly code: "ORDER_VIOLATED";
  readonly rule: OrderRule;
  readonly index: number;
  readonly expected: string;
  readonly actual: string;
}

type Finding = Pick<OrderViolation, "rule" | "index" | "expected" | "actual">;

/**
 * Checks the order `started → (token | tool_call | metrics)* → exactly one of end | error`, or a lone `error` (wire protocol, M0-W-1312).
 *
 * @throws {INVALID_OPTION} the input is not events.
 * @example const violation = findOrderViolation(events); // undefined, or { rule: "token-index", index: 4, … }
 */
export function findOrderViolation(input: EventsInput): OrderViolation | undefined {
  const events = toEvents(input);
  const finding = findInEvents(events) ?? findInOutcome(input, events.length);
  if (finding === undefined) return undefined;
  const { index, expected, actual } = finding;
  const lines = [`At event ${index} of ${events.length}: expected ${expected}, got ${actual}`];
  if (events.length > 0) lines.push("events around it:", ...describeContext(events, index).map((line) => `  ${line}`));
  if (finding.rule !== "outcome") lines.push(...describeFaultLine(input));
  return { code: "ORDER_VIOLATED", ...finding, message: joinVisibleLines(lines), details: { ...finding } };
}

/**
 * Fails unless the events are in the order of the protocol; an empty list fails. A collected stream must also have ended properly.
 *
 * @throws {ORDER_VIOLATED} names the index, what was expected and what arrived, with the events around it.
 * @example assertEventOrder(await collectSseEvents(response));
 */
export function assertEventOrder(input: EventsInput): void {
  throwProblem(findOrderViolation(input));
}

function findInEvents(events: readonly InferenceEvent[]): Finding | undefined {
  const first = events[0];
  if (first === undefined) return { rule: "empty", index: 0, expected: "a `started` event", actual: "no event at all" };
  if (first.type !== "started" && first.type !== "error") {
    return { rule: "first", index: 0, expected: "`started` or a lone `error`", actual: describeEvent(first) };
  }
  let tokenCount = 0;
  for (const [index, event] of events.entries()) {
    const previous = events[index - 1];
    if (previous !== undefined && isTerminal(previous)) return afterTerminal(index, previous, event);
    const finding = findInEvent(event, index, tokenCount);
    if (finding !== undefined) return finding;
    if (event.type === "token") tokenCount += 1;
  }
  return findMissingEnd(events);
}

function findInEvent(event: InferenceEvent, index: number, tokenCount: number): Finding | undefined {
  if (event.type === "started" && index > 0) {
    const expected = "token, tool_call, metrics, end or error (`started` occurs once)";
    return { rule: "started-once", index, expected, actual: describeEvent(event) };
  }
  if (event.type === "token" && event.i !== tokenCount) {
    return { rule: "token-index", index, expected: `a token with i=${tokenCount}`, actual: describeEvent(event) };
  }
  return undefined;
}

function afterTerminal(index: number, terminal: InferenceEvent, event: InferenceEvent): Finding {
  const expected = `nothing after the terminal event \`${terminal.type}\``;
  return { rule: "after-terminal", index, expected, actual: describeEvent(event) };
}

function findMissingEnd(events: readonly InferenceEvent[]): Finding | undefined {
  const last = events.at(-1);
  if (last !== undefined && isTerminal(last)) return undefined;
  const actual = `the end of the events after ${countOf(events.length, "event")}`;
  return { rule: "no-terminal", index: events.length, expected: "a terminal event (end or error)", actual };
}

function findInOutcome(input: EventsInput, index: number): Finding | undefined {
  const fault = findFault(input);
  if (fault === undefined) return undefined;
  return { rule: "outcome", index, expected: "the stream to end", actual: `a failure: ${describeOutcome(fault)}` };
}

function isTerminal(event: InferenceEvent): boolean {
  return event.type === "end" || event.type === "error";
}
