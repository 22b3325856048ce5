import { ReportInvalidError } from "../../errors/index.js";
import { isRecord } from "../../options/index.js";
import { findSchemaProblem } from "../../report/check-schema.js";
import type { ConformanceReport } from "./conformance-report.js";

/** The version that this release writes and reads. */
const VERSION = 1;

/**
 * Reads a `conformance.json` and checks it against the published schema.
 *
 * @throws {REPORT_INVALID} not JSON, not such a report, or one of another schema version.
 */
export function parseConformanceReport(json: string): ConformanceReport {
  const value = parseJson(json);
  const { kind, schemaVersion } = isRecord(value) ? value : { kind: undefined };
  if (kind !== "conformance-report") {
    throw fail(`expected \`kind\` to be "conformance-report", got ${show(kind)}`);
  }
  if (schemaVersion !== VERSION) {
    throw fail(`it has schemaVersion ${show(schemaVersion)}, this release reads ${VERSION}`);
  }
  const problem = findSchemaProblem(value, "conformance-report");
  if (problem !== undefined) throw fail(problem);
  return value as ConformanceReport;
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json.replace(/^\uFEFF/, ""));
  } catch (cause) {
    throw new ReportInvalidError({ message: `The report is not JSON: ${(cause as Error).message}`, cause });
  }
}

function show(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}

function fail(problem: string): ReportInvalidError {
  return new ReportInvalidError({ message: `This is not a conformance report that can be read: ${problem}` });
}
