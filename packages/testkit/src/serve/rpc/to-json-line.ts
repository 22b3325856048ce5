import { stringifyJson } from "inference-worker-protocol";
import { describeError } from "./describe-error.js";

/**
 * One message as a line. Errors become plain data, a `bigint` a plain integer, so that u64 seeds survive; a cause is left out, because it
 * may be anything.
 */
export function toJsonLine(message: object): string {
  return `${stringifyJson(toPlain(message))}\n`;
}

function toPlain(value: unknown): unknown {
  if (!isObject(value)) return value;
  if (value instanceof Error) return toPlain(describeError(value));
  if (Array.isArray(value)) return value.map(toPlain);
  const entries = Object.entries(value).filter(
    ([name, each]) => each !== undefined && !(name === "cause" && isObject(each)),
  );
  return Object.fromEntries(entries.map(([name, each]) => [name, toPlain(each)]));
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
