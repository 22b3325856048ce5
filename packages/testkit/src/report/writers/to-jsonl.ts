import type { RequestRecord } from "../../load/index.js";
import { toVisibleJson } from "../../terminal/index.js";

/**
 * One line for each request (NDJSON), with all that is kept of it. U+2028 and U+2029, which some readers take for line ends, and what a
 * terminal obeys are escaped; the values are unchanged.
 */
export function toJsonLines(records: readonly RequestRecord[]): string {
  return toVisibleJson(records.map((record) => `${JSON.stringify(record)}\n`).join(""));
}
