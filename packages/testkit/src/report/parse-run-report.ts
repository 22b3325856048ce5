import { ReportInvalidError } from "../errors/index.js";
import { addJsonPlace, describeJsonError } from "../json/index.js";
import { findSchemaProblem, type SchemaProblem } from "./check-schema.js";
import type { RunReport } from "./run-report.js";
import { findWorst } from "./verdicts.js";

/** The version that this release writes, and the newest that it reads. */
const NEWEST_VERSION = 1;

/**
 * Reads a `run.json` and checks it against the published schema. A report may lack metrics of this release; they count as not recorded.
 * Metrics that this release does not know are kept.
 *
 * @throws {REPORT_INVALID} not JSON, not a report, or a report of a newer schema version; with the line.
 * @example parseRunReport(await readFile("run/run.json", "utf8"))
 */
export function parseRunReport(json: string): RunReport {
  const text = json.replace(/^\uFEFF/, "");
  const value = parseJson(text);
  const problem = findKindProblem(value) ?? findSchemaProblem(value) ?? findContentProblem(value as RunReport);
  if (problem === undefined) return value as RunReport;
  const reason = addJsonPlace(problem.message, text, problem.path);
  throw new ReportInvalidError({ message: `The file is not a report: ${reason}` });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const message = `The report is not JSON: ${describeJsonError(text, cause as Error)}`;
    throw new ReportInvalidError({ message, cause });
  }
}

/** @throws {REPORT_INVALID} a newer version. */
function findKindProblem(value: unknown): SchemaProblem | undefined {
  const { kind, schemaVersion: version } = isObject(value) ? value : { kind: value };
  if (kind !== "run-report") {
    return { path: "kind", message: `expected \`kind\` to be "run-report", got ${describe(kind)}` };
  }
  if (!Number.isInteger(version) || (version as number) < 1) {
    const message = `expected \`schemaVersion\` to be a positive integer, got ${describe(version)}`;
    return { path: "schemaVersion", message };
  }
  if ((version as number) <= NEWEST_VERSION) return undefined;
  throw new ReportInvalidError({
    message: `The report has schemaVersion ${version as number}, this release reads up to ${NEWEST_VERSION}`,
    hint: "Update inference-testkit to the release that wrote the report, or a newer one.",
  });
}

/** What no schema can say. */
function findContentProblem(report: RunReport): SchemaProblem | undefined {
  const worst = findWorst(report.verdicts);
  if (report.status === worst) return findMissingDefinition(report);
  const message = `\`status\` is ${describe(report.status)}, but the worst of \`verdicts\` is "${worst}"`;
  return { path: "status", message };
}

/** Metrics of another release are shown with the definition in the file, so it must exist. */
function findMissingDefinition({ load }: RunReport): SchemaProblem | undefined {
  if (load === undefined) return undefined;
  const metrics = [...Object.keys(load.latency), ...Object.keys(load.figures)];
  const missing = metrics.find((metric) => !Object.hasOwn(load.definitions, metric));
  if (missing === undefined) return undefined;
  return { path: `load.definitions.${missing}`, message: `\`load.definitions.${missing}\` is missing` };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value as shown in a message. */
function describe(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value).slice(0, 60);
}
