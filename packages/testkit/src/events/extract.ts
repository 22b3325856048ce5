import type { TokenEvent } from "inference-worker-protocol";
import type { EndEvent, InferenceEvent } from "../dialects/index.js";
import { defineOptions, oneOf, resolveOptions, withDefault, type OptionsOf } from "../options/index.js";
import { joinVisibleLines } from "../terminal/index.js";
import { describeEvent } from "./describe-event.js";
import { createProblemError, describeFaultLine, toEvents, type EventProblem, type EventsInput } from "./problem.js";

/** Which generated text {@link extractText} returns. */
const EXTRACTION = defineOptions({
  /** The answer, or the reasoning that the model wrote before it. @default "answer" */
  channel: withDefault(oneOf(["answer", "reasoning"]), "answer"),
});

/**
 * The texts of the token events, in order of arrival, including reasoning; empty if there are none.
 *
 * @example extractTokens(events) // ["Hel", "lo"]
 */
export function extractTokens(input: EventsInput): string[] {
  const tokens: string[] = [];
  for (const event of toEvents(input)) if (event.type === "token") tokens.push(event.t);
  return tokens;
}

/**
 * The generated answer as a whole, without reasoning.
 *
 * @throws {INVALID_OPTION} an invalid channel.
 * @example extractText(events) // "Hello"
 * @example extractText(events, { channel: "reasoning" }) // "The user greets me."
 */
export function extractText(input: EventsInput, options: OptionsOf<typeof EXTRACTION> = {}): string {
  const { channel } = resolveOptions(EXTRACTION, options);
  const isWanted = (event: TokenEvent) => (event.channel ?? "answer") === channel;
  return toEvents(input)
    .map((event) => (event.type === "token" && isWanted(event) ? event.t : ""))
    .join("");
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

/** The problem to report when a check needs the `end` event and there is none. */
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
