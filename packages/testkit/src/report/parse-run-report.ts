import { ReportInvalidError } from "../errors/index.js";
import { findSchemaProblem } from "./check-schema.js";
import type { RunReport } from "./run-report.js";
import { findWorst } from "./verdicts.js";

/** The version that this release writes, and the newest that it reads. */
const NEWEST_VERSION = 1;

/**
 * Reads a `run.json` and checks it against the published schema. A report may lack metrics of this release; they count as not recorded.
 * Metrics that this release does not know are kept.
 *
 * @throws {REPORT_INVALID} not JSON, not a report, or a report of a newer schema version.
 * @example parseRunReport(await readFile("run/run.json", "utf8"))
 */
export function parseRunReport(json: string): RunReport {
  const value = parseJson(json);
  const { kind, schemaVersion } = isObject(value) ? value : { kind: value };
  if (kind !== "run-report") throw fail(`expected \`kind\` to be "run-report", got ${describe(kind)}`);
  checkVersion(schemaVersion);
  const problem = findSchemaProblem(value);
  if (problem !== undefined) throw fail(problem.message);
  const report = value as RunReport;
  checkStatus(report);
  checkDefinitions(report);
  return report;
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json.replace(/^\uFEFF/, "")) as unknown;
  } catch (cause) {
    throw new ReportInvalidError({ message: `The report is not JSON: ${(cause as Error).message}`, cause });
  }
}

function checkVersion(version: unknown): void {
  if (!Number.isInteger(version) || (version as number) < 1) {
    throw fail(`expected \`schemaVersion\` to be a positive integer, got ${describe(version)}`);
  }
  if ((version as number) <= NEWEST_VERSION) return;
  throw new ReportInvalidError({
    message: `The report has schemaVersion ${version as number}, this release reads up to ${NEWEST_VERSION}`,
    hint: "Update inference-testkit to the release that wrote the report, or a newer one.",
  });
}

function checkStatus({ status, verdicts }: RunReport): void {
  const worst = findWorst(verdicts);
  if (status !== worst) throw fail(`\`status\` is ${describe(status)}, but the worst of \`verdicts\` is "${worst}"`);
}

/** Metrics of another release are shown with the definition in the file, so it must exist. */
function checkDefinitions({ load }: RunReport): void {
  if (load === undefined) return;
  for (const metric of [...Object.keys(load.latency), ...Object.keys(load.figures)]) {
    if (!Object.hasOwn(load.definitions, metric)) throw fail(`\`load.definitions.${metric}\` is missing`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The error for a file that is not a report. */
function fail(reason: string): ReportInvalidError {
  return new ReportInvalidError({ message: `The file is not a report: ${reason}` });
}

/** A value as shown in a message. */
function describe(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value).slice(0, 60);
}
