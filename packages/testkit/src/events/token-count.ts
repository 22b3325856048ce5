import { InvalidOptionError } from "../errors/index.js";
import { joinVisibleLines } from "../terminal/index.js";
import { findEndEvent } from "./extract.js";
import { describeFaultLine, throwProblem, toEvents, type EventProblem, type EventsInput } from "./problem.js";

/** An exact number, or bounds that are both inclusive; at least one of them. */
export type ExpectedTokenCount = number | { readonly min?: number | undefined; readonly max?: number | undefined };

/**
 * Compares the number of *token events* with the expected one; `tokens_out` of the end event is told beside it, because it counts
 * generated tokens, of which some may be joined into one event.
 *
 * @throws {INVALID_OPTION} `expected` is no count, has no bound, or has a minimum above its maximum.
 * @example findTokenCountMismatch(events, { min: 1, max: 10 })
 */
export function findTokenCountMismatch(input: EventsInput, expected: ExpectedTokenCount): EventProblem | undefined {
  const { min, max } = resolveBounds(expected);
  const tokenEventCount = toEvents(input).filter((event) => event.type === "token").length;
  if (tokenEventCount >= min && tokenEventCount <= max) return undefined;
  const tokensOut = findEndEvent(input)?.tokens_out;
  const beside = tokensOut === undefined ? "no end event" : `\`tokens_out\` is ${tokensOut}`;
  const first = `Expected ${describeBounds(min, max)} token events, got ${tokenEventCount} (${beside})`;
  return {
    code: "TOKEN_COUNT_MISMATCH",
    message: joinVisibleLines([first, ...describeFaultLine(input)]),
    details: { tokenEventCount, tokensOut, min, max: max === Infinity ? undefined : max },
  };
}

/**
 * Fails unless the number of token events is the expected one, or within the bounds. Also usable on the events of a stream
 * that was left early.
 *
 * @throws {TOKEN_COUNT_MISMATCH} {INVALID_OPTION} see {@link findTokenCountMismatch}.
 * @example assertTokenCount(events, 5);
 */
export function assertTokenCount(input: EventsInput, expected: ExpectedTokenCount): void {
  throwProblem(findTokenCountMismatch(input, expected));
}

function resolveBounds(expected: unknown): { min: number; max: number } {
  if (isCount(expected)) return { min: expected, max: expected };
  if (typeof expected !== "object" || expected === null) throw reject("a count, or { min?, max? }", expected);
  const { min, max } = expected as { min?: unknown; max?: unknown };
  if (min === undefined && max === undefined) throw reject("to have `min` or `max`", "{}");
  if (min !== undefined && !isCount(min)) throw reject("to have a count as `min`", min);
  if (max !== undefined && !isCount(max)) throw reject("to have a count as `max`", max);
  const bounds = { min: min ?? 0, max: max ?? Infinity };
  if (bounds.min > bounds.max) throw reject("to have a `min` of at most `max`", `${bounds.min} > ${bounds.max}`);
  return bounds;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}

function reject(expected: string, got: unknown): InvalidOptionError {
  const rule = expected.startsWith("to ") ? expected : `to be ${expected}`;
  return new InvalidOptionError({ message: `Expected \`expected\` ${rule}, got \`${String(got)}\`` });
}

function describeBounds(min: number, max: number): string {
  if (min === max) return `exactly ${min}`;
  if (max === Infinity) return `at least ${min}`;
  return min === 0 ? `at most ${max}` : `${min} to ${max}`;
}
