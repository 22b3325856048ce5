import { inspect } from "node:util";
import { suggest } from "inference-worker-protocol/validation";
import { InvalidOptionError } from "./errors.js";

/** Node's timers fire at once when they are asked for more. */
const LONGEST_TIMER_MS = 2_147_483_647;
/** Characters of a wrong value in a message. */
const LONGEST_SHOWN = 300;

/** Throws unless the condition holds: ``Expected `name` to be …, got `value` ``. */
export function checkOption(holds: boolean, name: string, got: { wanted: string; value: unknown }): asserts holds {
  if (holds) return;
  throw new InvalidOptionError({ message: `Expected \`${name}\` to be ${got.wanted}, got ${show(got.value)}` });
}

function show(value: unknown): string {
  if (value instanceof Promise) return "a Promise (is an `await` missing?)";
  const text =
    typeof value === "string"
      ? JSON.stringify(value)
      : inspect(value, { depth: 1, breakLength: Infinity, compact: true });
  return `\`${text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text}\``;
}

/** A duration which must be above zero. */
export function checkPositive(name: string, value: unknown): void {
  checkOption(typeof value === "number" && value > 0, name, { wanted: "a positive number", value });
  checkOption(value <= LONGEST_TIMER_MS, name, { wanted: `at most ${LONGEST_TIMER_MS} ms`, value });
}

/** A duration which may be zero. */
export function checkDuration(name: string, value: unknown): void {
  checkNotNegative(name, value);
  checkOption((value as number) <= LONGEST_TIMER_MS, name, { wanted: `at most ${LONGEST_TIMER_MS} ms`, value });
}

/** A number which may be zero, in any unit. */
export function checkNotNegative(name: string, value: unknown): void {
  const holds = typeof value === "number" && value >= 0 && value < Infinity;
  checkOption(holds, name, { wanted: "zero or a positive number", value });
}

/** An AbortSignal, also one of another realm, or nothing. */
export function checkSignal(name: string, value: unknown): void {
  const isSignal = typeof value === "object" && value !== null && "aborted" in value && "addEventListener" in value;
  checkOption(value === undefined || isSignal, name, { wanted: "an AbortSignal", value });
}

/** A whole number within limits, both inclusive. */
export function checkInteger(name: string, value: unknown, [first, last]: readonly [number, number]): void {
  const holds = typeof value === "number" && Number.isInteger(value) && value >= first && value <= last;
  checkOption(holds, name, { wanted: `a whole number from ${first} to ${last}`, value });
}

/** A text that can be handed to a process: a string without NUL. */
export function checkText(name: string, value: unknown): void {
  checkOption(typeof value === "string", name, { wanted: "a string", value });
  checkOption(!value.includes("\0"), name, { wanted: "a string without NUL", value });
}

/** A text that says something: as {@link checkText}, and not empty. */
export function checkFilledText(name: string, value: unknown): void {
  checkText(name, value);
  checkOption(value !== "", name, { wanted: "a string that is not empty", value });
}

/**
 * Refuses misspelt options: what is silently ignored makes a test that checks something else.
 *
 * @param known every name that is allowed.
 */
export function checkKnownOptions(what: string, options: unknown, known: readonly string[]): void {
  const isObject = typeof options === "object" && options !== null && !Array.isArray(options);
  checkOption(isObject, what, { wanted: "an object", value: options });
  checkOption(!(options instanceof Promise), what, { wanted: "an object", value: options });
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new InvalidOptionError({
    message: `Expected \`${what}\` to have options among ${known.join(", ")}, got \`${unknown}\`${suggest(unknown, known)}`,
  });
}
