import { measureRequest } from "../../load/metrics/request-metrics.js";
import type { RequestRecord } from "../../load/index.js";
import { REQUEST_METRICS } from "../../load/metrics/registry.js";
import { RECORD_FIELDS } from "../../load/metrics/request-record.js";
import { toVisibleText } from "../../terminal/index.js";

/** The longest stall is among the metrics. */
const FIELDS = RECORD_FIELDS.filter((field) => field !== "longestStallMs");

/** A spreadsheet treats a cell that starts like this as a formula, sometimes after dropping the first character. */
const FORMULA_START = /^ *[=+\-@|%＝＋－＠]/u;

/**
 * The requests as CSV (RFC 4180), with the times and metrics of each in ms. Text that a spreadsheet would treat as a formula gets a leading
 * apostrophe, and control characters and line breaks become escape sequences; requests.jsonl has the original values.
 */
export function toCsv(records: readonly RequestRecord[]): string {
  const head = [...FIELDS, ...REQUEST_METRICS.map((metric) => `${metric} (ms)`)];
  const rows = records.map((record) => [
    ...FIELDS.map((field) => record[field]),
    ...REQUEST_METRICS.map((metric) => round(measureRequest(record, metric))),
  ]);
  return [head, ...rows].map((row) => `${row.map((cell) => writeCell(cell)).join(",")}\r\n`).join("");
}

function writeCell(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const visible = toVisibleText(value);
  const text = FORMULA_START.test(visible) ? `'${visible}` : visible;
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function round(valueMs: number | undefined): number | undefined {
  return valueMs === undefined ? undefined : Math.round(valueMs * 1000) / 1000;
}
