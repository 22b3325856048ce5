import { InvalidEventError, parseJson } from "inference-worker-protocol";

/** The fields of a JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

/** Shared, because this is asked for several times in every message of a stream. */
const NO_FIELDS: Fields = Object.freeze({});
const NO_ELEMENTS: readonly unknown[] = Object.freeze([]);

/** The fields of a value; none if it is not an object. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : NO_FIELDS;
}

/** The error that a message reports; undefined for none, which some servers write as `null`. */
export function errorOf({ error }: Fields): unknown {
  return error ?? undefined;
}

/** A list; empty if it is not one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : NO_ELEMENTS;
}

/** Two lists as one. Nearly always one of them is empty, and the other is not copied: this runs for every message of a stream. */
export function join<T>(first: readonly T[], second: readonly T[]): readonly T[] {
  if (first.length === 0) return second;
  return second.length === 0 ? first : [...first, ...second];
}

/** A text that is not empty. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A whole number, also one that was written as a text. */
export function countOf(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) && (number as number) >= 0 ? (number as number) : undefined;
}

/** A duration. */
export function msOf(value: unknown): number | undefined {
  return typeof value === "number" && value >= 0 && Number.isFinite(value) ? value : undefined;
}

/** A value in a message: the start of a text, and of a tree only what it is. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  return JSON.stringify(typeof value === "string" ? value.slice(0, 100) : value);
}

/** @throws {InvalidEventError} no JSON object. */
export function parseData(data: string): Fields {
  if (data === "") throw new InvalidEventError("the data is empty");
  return requireFields(parse(data));
}

/** @throws {InvalidEventError} not an object. */
export function requireFields(value: unknown): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw new InvalidEventError(`expected a JSON object, got ${show(value)}`);
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch (cause) {
    throw new InvalidEventError(`the data is not JSON: ${(cause as Error).message}`, { cause });
  }
}

/** A whole answer. @throws {TypeError} no JSON. */
export function parseAnswer(body: string): unknown {
  try {
    return parseJson(body);
  } catch (cause) {
    throw new TypeError(`expected JSON, got \`${body.slice(0, 200)}\``, { cause });
  }
}
