import { inspect } from "node:util";
import { suggest } from "inference-worker-protocol/validation";
import { InvalidOptionError } from "../errors/index.js";

/** Maximum length of an invalid value in a message. */
const LONGEST_SHOWN = 300;

/** Throws unless the condition holds: ``Expected `name` to be …, got `value` ``. @throws {INVALID_OPTION} */
export function checkOption(holds: boolean, name: string, got: { wanted: string; value: unknown }): asserts holds {
  if (holds) return;
  throw new InvalidOptionError({
    message: `Expected \`${name}\` to be ${got.wanted}, got ${show(got.value)}`,
    option: name,
  });
}

/** Whether a value is an object with named properties: options may come from plain JavaScript. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Promise);
}

/**
 * Rejects misspelled options: with a silently ignored option, a test checks something else.
 *
 * @param known every allowed name.
 * @throws {INVALID_OPTION} not an object, or an unknown name, with the name that was probably meant.
 */
export function checkKnownOptions(what: string, options: unknown, known: readonly string[]): void {
  checkOption(isRecord(options), what, { wanted: "an object", value: options });
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new InvalidOptionError({
    message: `Expected \`${what}\` to have options among ${known.join(", ")}, got \`${unknown}\`${suggest(unknown, known)}`,
    option: `${what}.${unknown}`,
  });
}

function show(value: unknown): string {
  if (value instanceof Promise) return "a Promise (is an `await` missing?)";
  const text =
    typeof value === "string"
      ? JSON.stringify(value)
      : inspect(value, { depth: 1, breakLength: Infinity, compact: true });
  return `\`${text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text}\``;
}
