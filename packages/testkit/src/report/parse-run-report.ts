import { ReportInvalidError } from "../errors/index.js";
import { checkField, checkList, describe, fail, isObject, type Fields } from "./check-fields.js";
import { checkLoad, checkMetrics } from "./check-load.js";
import type { ReportVerdict, RunReport } from "./run-report.js";
import { findWorst, isVerdict } from "./verdicts.js";

/** The version that this release writes, and the newest that it reads. */
const NEWEST_VERSION = 1;

/**
 * Reads a `run.json`. A report that lacks metrics of this release stays readable: they are not recorded. Metrics that this release does not know
 * are kept.
 *
 * @throws {REPORT_INVALID} not JSON, not a report, or a report of a newer schema version.
 * @example parseRunReport(await readFile("run/run.json", "utf8"))
 */
export function parseRunReport(json: string): RunReport {
  const value = parseJson(json);
  if (!isObject(value) || value["kind"] !== "run-report") {
    const kind = isObject(value) ? value["kind"] : value;
    throw fail(`expected \`kind\` to be "run-report", got ${describe(kind)}`);
  }
  checkVersion(value["schemaVersion"]);
  checkShape(value);
  return value as unknown as RunReport;
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

/** Checks everything that the writers rely on: a truncated or edited file fails here, not halfway through a page. */
function checkShape(report: Fields): void {
  for (const name of ["title", "createdAt"]) {
    if (typeof report[name] !== "string") throw fail(`\`${name}\` is not a string`);
  }
  if (!isObject(report["completeness"])) throw fail("`completeness` is missing");
  checkList(report, "verdicts");
  checkVerdicts(report);
  const load = checkPart(report, "load");
  if (load !== undefined) checkLoad(load);
  const memory = checkPart(report, "memory");
  if (memory !== undefined) for (const name of ["samples", "phases", "sources"]) checkList(memory, name, "memory.");
  const comparison = checkPart(report, "comparison");
  if (comparison !== undefined) checkComparison(comparison);
}

function checkVerdicts({ status, verdicts }: Fields): void {
  const list = verdicts as readonly ReportVerdict[];
  const wrong = list.findIndex((one) => !isVerdict(one));
  if (wrong !== -1) throw fail(`\`verdicts[${wrong}]\` is not a verdict`);
  const worst = findWorst(list);
  if (status !== worst) throw fail(`\`status\` is ${describe(status)}, but the worst of \`verdicts\` is "${worst}"`);
}

function checkComparison({ outcome, baseline }: Fields): void {
  if (!isObject(outcome) || !isObject(baseline)) throw fail("`comparison` is incomplete");
  checkList(outcome, "metrics", "comparison.outcome.");
  for (const name of ["reasons", "notes"]) {
    if (!Array.isArray(outcome[name])) throw fail(`\`comparison.outcome.${name}\` is not a list`);
  }
  for (const name of ["latency", "figures"]) checkField(baseline, `baseline.${name}`, "object");
  checkMetrics(baseline, "baseline.", false);
}

function checkPart(report: Fields, name: string): Fields | undefined {
  const part = report[name];
  if (part === undefined || isObject(part)) return part;
  throw fail(`\`${name}\` is not an object`);
}
