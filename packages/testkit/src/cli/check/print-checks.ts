import { AREAS } from "../../conformance/areas.js";
import type { Check } from "../../conformance/check.js";
import type { CheckResult, CheckStatus, ConformanceReport } from "../../conformance/report/conformance-report.js";
import { describeCoverage, MARKS } from "../../conformance/report/marks.js";
import { formatMs } from "../../numbers/index.js";
import type { Output } from "../../terminal/index.js";
import { EXIT_CODES } from "../exit-codes.js";

const COLORS = { pass: "green", fail: "red", error: "red", inconclusive: "yellow", "not-applicable": "dim" } as const;

/** The exit code for the status of a report. */
export function toExitCode(status: ConformanceReport["status"]): number {
  if (status === "pass") return EXIT_CODES.ok;
  return status === "fail" ? EXIT_CODES.failed : EXIT_CODES.inconclusive;
}

/** Prints the catalogue, or the selected part of it. */
export function printCatalogue(checks: readonly Check[], output: Output): void {
  let area: string | undefined;
  for (const check of checks) {
    if (check.area !== area) output.line(output.style("bold", AREAS[check.area]));
    area = check.area;
    const needs = check.needs.length === 0 ? "" : `; needs ${check.needs.join(", ")}`;
    output.line(`  ${check.id}  `, output.style("dim", `${check.level}${needs}`));
    output.line(`    ${check.title}`);
  }
}

/** One line for a check that has ended, and the evidence of a failure below it. */
export function printResult(result: CheckResult, output: Output): void {
  const { id, title, status, durationMs, attempts } = result;
  const repeated = attempts > 1 ? `, attempt ${attempts}` : "";
  const time = status === "not-applicable" ? "" : `  ${formatMs(durationMs)}${repeated}`;
  output.line(mark(status, output), ` ${id}  ${title}`, output.style("dim", time));
  for (const line of describeProblem(result)) output.line(`    ${line}`);
  for (const text of result.notes ?? []) output.line(`    note: ${text}`);
}

/** The summary: coverage first, then the areas, what is special, and the status. */
export function printSummary(report: ConformanceReport, output: Output): void {
  const { coverage, areas, status, message, comparison } = report;
  output.line();
  output.line(output.style("bold", describeCoverage(coverage)), ` (level ${report.level}, seed ${report.seed})`);
  for (const area of areas) output.line(`  ${area.title}: ${describeCoverage(area.coverage)}`);
  for (const { after, reason } of report.restarts) output.line(`started again after ${after}: ${reason}`);
  for (const id of report.notSeen) output.line(`declared, but not seen: ${id}`);
  printWorse(report, output);
  for (const { id, before, after } of comparison?.better ?? []) output.line(`better: ${id}: ${before}, now ${after}`);
  if (comparison !== null) output.line(describeCatalogues(comparison));
  output.line(
    output.style("bold", "status:"),
    " ",
    output.style(status === "pass" ? "green" : status === "fail" ? "red" : "yellow", status),
    `: ${message}`,
  );
}

/** What got worse since the baseline, each with what was expected and what the server did. */
function printWorse({ comparison, checks }: ConformanceReport, output: Output): void {
  for (const { id, before, after } of comparison?.worse ?? []) {
    output.line(`worse: ${id}: ${before}, now ${after}`);
    const check = checks.find((each) => each.id === id);
    for (const line of check === undefined ? [] : describeVerdict(check)) output.line(`    ${line}`);
  }
}

function describeCatalogues({ worse, better, added, removed }: NonNullable<ConformanceReport["comparison"]>): string {
  const counts = `${worse.length} worse, ${better.length} better`;
  return `compared with the baseline: ${counts}, ${added.length} only here, ${removed.length} only there`;
}

function mark(status: CheckStatus, output: Output) {
  return output.style(COLORS[status], MARKS[status]);
}

function describeProblem(check: CheckResult): string[] {
  const { status, expected, curl, deviation } = check;
  if (status === "pass")
    return deviation === null ? [] : [`declared as a deviation, and not seen: ${deviation.reason}`];
  if (expected === null) return describeVerdict(check);
  const known = deviation === null ? [] : [`declared deviation: ${deviation.reason}`];
  return [...describeVerdict(check), ...known, ...(curl === null ? [] : [`again:    ${curl}`])];
}

/** Of a check that did not pass. */
function describeVerdict({ status, message, expected, got }: CheckResult): string[] {
  if (expected === null) return [`${status}: ${message}`];
  return [`expected: ${expected}`, `got:      ${got ?? "nothing"}`];
}
