import type { EndEvent, InferenceEvent } from "inference-worker-protocol";
import { joinVisibleLines } from "../terminal/index.js";
import { describeEvent } from "./describe-event.js";
import { createProblemError, describeFaultLine, toEvents, type EventProblem, type EventsInput } from "./problem.js";

/**
 * The texts of the token events, in the order of arrival; empty if there are none.
 *
 * @example extractTokens(events) // ["Hel", "lo"]
 */
export function extractTokens(input: EventsInput): string[] {
  const tokens: string[] = [];
  for (const event of toEvents(input)) if (event.type === "token") tokens.push(event.t);
  return tokens;
}

/**
 * The generated text as a whole.
 *
 * @example extractText(events) // "Hello"
 */
export function extractText(input: EventsInput): string {
  return extractTokens(input).join("");
}

/** The first `end` event, if there is one. */
export function findEndEvent(input: EventsInput): EndEvent | undefined {
  return toEvents(input).find((event): event is EndEvent => event.type === "end");
}

/**
 * The `end` event.
 *
 * @throws {NO_END_EVENT} there is none; the message names the error event or the last event instead.
 * @example extractEndEvent(events).stop_reason // "max_tokens"
 */
export function extractEndEvent(input: EventsInput): EndEvent {
  const end = findEndEvent(input);
  if (end !== undefined) return end;
  throw createProblemError({ code: "NO_END_EVENT", ...describeMissingEnd(input) });
}

/** What to say when a check needs the `end` event and there is none. */
export function describeMissingEnd(input: EventsInput): Pick<EventProblem, "message" | "details"> {
  const events = toEvents(input);
  return {
    message: joinVisibleLines([
      `Expected an \`end\` event, got ${describeInstead(events)}`,
      ...describeFaultLine(input),
    ]),
    details: { eventCount: events.length },
  };
}

function describeInstead(events: readonly InferenceEvent[]): string {
  const instead = events.find((event) => event.type === "error") ?? events.at(-1);
  if (instead === undefined) return "no event at all";
  return instead.type === "error" ? describeEvent(instead) : `none; the last event is ${describeEvent(instead)}`;
}
