import type { RequestRecord } from "../../load/index.js";

/**
 * One line for each request (NDJSON), with all that is kept of it. U+2028 and U+2029 are escaped: some readers take them for line
 * ends.
 */
export function toJsonLines(records: readonly RequestRecord[]): string {
  return records.map((record) => `${JSON.stringify(record).replace(/[\u2028\u2029]/g, escapeLineEnd)}\n`).join("");
}

function escapeLineEnd(char: string): string {
  return char === "\u2028" ? "\\u2028" : "\\u2029";
}
