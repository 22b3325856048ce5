import { stringifyJson } from "inference-worker-protocol";
import type { RecordedBody } from "../evidence/index.js";
import type { PageBody } from "./page-data.js";

/** A recorded body as text. JSON is written again, with integers of any size. */
export function toPageBody({ json, text, base64 }: RecordedBody): PageBody {
  if (text !== undefined) return { kind: "text", text };
  if (base64 !== undefined) return { kind: "base64", text: base64 };
  return { kind: "json", text: json === undefined ? "" : toJson(json) };
}

/** JSON with integers of any size. Few values have one, and the exact writer is many times slower. */
export function toJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return stringifyJson(value);
  }
}

/** The same value without integers that a browser would round: those become texts. */
export function withoutBigInts<T>(value: T): T {
  const show = (_: string, part: unknown): unknown => (typeof part === "bigint" ? String(part) : part);
  return value === undefined ? value : (JSON.parse(JSON.stringify(value, show)) as T);
}
