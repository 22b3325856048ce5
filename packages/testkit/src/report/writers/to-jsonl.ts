import type { RequestRecord } from "../../load/index.js";
import { toVisibleJson } from "../../terminal/index.js";

/**
 * One line per request (NDJSON) with the whole record. U+2028 and U+2029, which some readers treat as line ends, and characters that a
 * terminal interprets are escaped; the values are unchanged.
 */
export function toJsonLines(records: readonly RequestRecord[]): string {
  return toVisibleJson(records.map((record) => `${JSON.stringify(record)}\n`).join(""));
}
