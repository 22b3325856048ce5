import { checkOption, defineOptions, integer, isRecord, resolveOptions, type OptionsOf } from "../options/index.js";
import { joinVisibleLines } from "../terminal/index.js";
import { describeTokensOut } from "./describe-event.js";
import { findEndEvent } from "./extract.js";
import { describeFaultLine, throwProblem, toEvents, type EventProblem, type EventsInput } from "./problem.js";

const TOKEN_BOUNDS = defineOptions({
  /** Inclusive. */
  min: integer(),
  /** Inclusive. */
  max: integer(),
});

/** An exact number, or at least one of two inclusive bounds. */
export type ExpectedTokenCount = number | OptionsOf<typeof TOKEN_BOUNDS>;

/**
 * Compares the number of *token events* with the expected one. The message also reports `tokens_out` of the end event, which counts
 * generated tokens: several of them may be joined in one event.
 *
 * @throws {INVALID_OPTION} `expected` is not a count, has no bound, or has a minimum above its maximum.
 * @example findTokenCountMismatch(events, { min: 1, max: 10 })
 */
export function findTokenCountMismatch(input: EventsInput, expected: ExpectedTokenCount): EventProblem | undefined {
  const { min, max } = resolveBounds(expected);
  const tokenEventCount = toEvents(input).filter((event) => event.type === "token").length;
  if (tokenEventCount >= min && tokenEventCount <= max) return undefined;
  const end = findEndEvent(input);
  const tokensOut = end?.tokens_out;
  const beside = end === undefined ? "no end event" : `\`tokens_out\` is ${describeTokensOut(end)}`;
  const first = `Expected ${describeBounds(min, max)} token events, got ${tokenEventCount} (${beside})`;
  return {
    code: "TOKEN_COUNT_MISMATCH",
    message: joinVisibleLines([first, ...describeFaultLine(input)]),
    details: { tokenEventCount, tokensOut, min, max: max === Infinity ? undefined : max },
  };
}

/**
 * Fails unless the number of token events is the expected one, or within the bounds. Also works for the events of a stream that was left
 * early.
 *
 * @throws {TOKEN_COUNT_MISMATCH} {INVALID_OPTION} see {@link findTokenCountMismatch}.
 * @example assertTokenCount(events, 5);
 */
export function assertTokenCount(input: EventsInput, expected: ExpectedTokenCount): void {
  throwProblem(findTokenCountMismatch(input, expected));
}

function resolveBounds(expected: ExpectedTokenCount): { min: number; max: number } {
  const given: unknown = expected;
  if (isRecord(given)) return resolveRange(given);
  const isCount = Number.isInteger(given) && (given as number) >= 0;
  checkOption(isCount, "expected", { wanted: "a count, or { min?, max? }", value: given });
  return { min: given as number, max: given as number };
}

function resolveRange(given: OptionsOf<typeof TOKEN_BOUNDS>): { min: number; max: number } {
  const { min, max } = resolveOptions(TOKEN_BOUNDS, given, "expected");
  const isBound = min !== undefined || max !== undefined;
  checkOption(isBound, "expected", { wanted: "a range with `min` or `max`", value: given });
  const range = { min: min ?? 0, max: max ?? Infinity };
  checkOption(range.min <= range.max, "expected", { wanted: "a range whose `min` is at most `max`", value: given });
  return range;
}

function describeBounds(min: number, max: number): string {
  if (min === max) return `exactly ${min}`;
  if (max === Infinity) return `at least ${min}`;
  return min === 0 ? `at most ${max}` : `${min} to ${max}`;
}
