import { parse, stringify } from "lossless-json";

const POSSIBLY_UNSAFE_INTEGER = /\d{16}/;

/** Longest number in JSON text, in characters. A u64 has 20; converting a million digits to a `bigint` and back takes seconds. */
export const MAX_NUMBER_CHARACTERS = 1_000;

/** JSON text with a number of more than {@link MAX_NUMBER_CHARACTERS} characters. */
export class NumberTooLongError extends SyntaxError {
  override readonly name = "NumberTooLongError";

  constructor(length: number) {
    super(`a number has ${length} characters; at most ${MAX_NUMBER_CHARACTERS} are allowed`);
  }
}

/**
 * Parses JSON text; integers that a double cannot represent exactly become `bigint`, every other number is a `number`.
 *
 * Seeds are u64 on the wire, and `JSON.parse` silently rounds everything above 2^53. The exact parser runs only on texts with 16
 * consecutive digits, so ordinary events are as fast as with `JSON.parse`.
 *
 * @throws {SyntaxError} when the text is not JSON, or is nested too deeply for the exact parser.
 * @throws {NumberTooLongError} when a number has more than 1,000 characters; a string of digits may be longer.
 * @example parseJson('{"seed":18446744073709551615}') // { seed: 18446744073709551615n }
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return POSSIBLY_UNSAFE_INTEGER.test(text) ? parseExactly(text) : value;
}

/**
 * Writes JSON text; a `bigint` is written as a plain integer, so a u64 seed survives. The exact writer is several times slower than
 * JSON.stringify and is used only if there is a `bigint`.
 *
 * @throws {TypeError} when the value has no JSON form (a function, `undefined`).
 * @throws {RangeError} when the value is nested thousands of levels deep.
 * @example stringifyJson({ seed: 18446744073709551615n }) // '{"seed":18446744073709551615}'
 */
export function stringifyJson(value: unknown): string {
  const text = tryStringify(value) ?? stringify(value);
  if (text === undefined) throw new TypeError(`Expected a value that JSON can represent, got \`${String(value)}\``);
  return text;
}

/**
 * `undefined` if JSON.stringify throws: for a `bigint`, which needs the exact writer, or for a value that the exact writer rejects
 * too.
 */
function tryStringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function parseExactly(text: string): unknown {
  try {
    return parse(text, undefined, { parseNumber: parseExactNumber, onDuplicateKey: ({ newValue }) => newValue });
  } catch (cause) {
    if (cause instanceof RangeError) throw new SyntaxError("JSON text is nested too deeply", { cause });
    throw cause;
  }
}

function parseExactNumber(text: string): number | bigint {
  if (text.length > MAX_NUMBER_CHARACTERS) throw new NumberTooLongError(text.length);
  const value = Number(text);
  const integer = /^(-?\d+)(\.0+)?$/.exec(text)?.[1]; // 1.0 is an integer, so a seed may be written that way
  return integer !== undefined && !Number.isSafeInteger(value) ? BigInt(integer) : value;
}
