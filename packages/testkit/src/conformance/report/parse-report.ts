import { ReportInvalidError } from "../../errors/index.js";
import { addJsonPlace, describeJsonError } from "../../json/index.js";
import { isRecord } from "../../options/index.js";
import { describeMissing, findSchemaProblem, type SchemaProblem } from "../../report/check-schema.js";
import type { ConformanceReport } from "./conformance-report.js";

/** The version that this release writes and reads. */
const VERSION = 1;

/**
 * Reads a `conformance.json` and checks it against the published schema.
 *
 * @throws {REPORT_INVALID} not JSON, not such a report, or one of another schema version; with the line.
 */
export function parseConformanceReport(json: string): ConformanceReport {
  const text = json.replace(/^\uFEFF/, "");
  const value = parseJson(text);
  const problem = findKindProblem(value) ?? findSchemaProblem(value, "conformance-report");
  if (problem === undefined) return value as ConformanceReport;
  const reason = addJsonPlace(problem.message, text, problem.path);
  throw new ReportInvalidError({ message: `This is not a conformance report that can be read: ${reason}` });
}

function findKindProblem(value: unknown): SchemaProblem | undefined {
  if (!isRecord(value)) return { path: "", message: `expected a JSON object, got ${show(value)}` };
  const { kind, schemaVersion } = value;
  if (kind === undefined) return describeMissing("kind", Object.keys(value));
  if (kind !== "conformance-report") {
    return { path: "kind", message: `expected \`kind\` to be "conformance-report", got ${show(kind)}` };
  }
  if (schemaVersion === undefined || schemaVersion === VERSION) return undefined;
  const message = `it has schemaVersion ${show(schemaVersion)}, this release reads ${VERSION}`;
  return { path: "schemaVersion", message };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = `The report is not JSON: ${describeJsonError(text, cause as Error)}`;
    throw new ReportInvalidError({ message, cause });
  }
}

function show(value: unknown): string {
  return JSON.stringify(value).slice(0, 60);
}
