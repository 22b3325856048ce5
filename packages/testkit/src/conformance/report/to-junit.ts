import { xmlElement, xmlText, type XmlAttributes } from "../../report/writers/xml.js";
import type { CheckResult, ConformanceReport } from "./conformance-report.js";

/** The checks as JUnit XML, a test case each, in a suite for each area. A check that proves nothing is an `error`, never a pass. */
export function conformanceToJUnit(report: ConformanceReport): string {
  const { checks, areas, createdAt } = report;
  const suites = areas.map(({ area, title }) => {
    return writeSuite(
      title,
      checks.filter((check) => check.area === area),
      createdAt,
    );
  });
  const content = `\n${suites.map((suite) => `  ${suite}\n`).join("")}`;
  const name = `Conformance of ${report.server.url} (${report.server.dialect})`;
  const root = xmlElement("testsuites", { name, ...count(checks) }, content);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
}

function writeSuite(name: string, checks: readonly CheckResult[], createdAt: string): string {
  const cases = checks.map((check) => `    ${writeCase(check)}\n`).join("");
  return xmlElement("testsuite", { name, timestamp: createdAt.slice(0, 19), ...count(checks) }, `\n${cases}  `);
}

function writeCase(check: CheckResult): string {
  const { id, area, status, message, durationMs } = check;
  const attributes = { classname: `conformance.${area}`, name: `${id}: ${check.title}`, time: toSeconds(durationMs) };
  if (status === "pass") return xmlElement("testcase", attributes);
  const kind = elementOf(check);
  const problem =
    kind === "skipped"
      ? xmlElement(kind, { message: describeSkip(check) })
      : xmlElement(kind, { type: status, message }, xmlText(linesOf(check)));
  return xmlElement("testcase", attributes, `\n      ${problem}\n    `);
}

/** A declared deviation is known, so it does not break a build. */
function elementOf({ status, deviation }: CheckResult): "failure" | "error" | "skipped" {
  if (status === "not-applicable" || (status === "fail" && deviation !== null)) return "skipped";
  return status === "fail" ? "failure" : "error";
}

function describeSkip({ message, deviation }: CheckResult): string {
  return deviation === null ? message : `declared deviation (${deviation.reason}): ${message}`;
}

function linesOf({ message, expected, got, why, curl }: CheckResult): string[] {
  const verdict = expected === null ? [message] : [`expected: ${expected}`, `got: ${got ?? "nothing"}`];
  return [...verdict, `why: ${why}`, ...(curl === null ? [] : [`again: ${curl}`])];
}

function count(checks: readonly CheckResult[]): XmlAttributes {
  const kinds = checks.filter(({ status }) => status !== "pass").map(elementOf);
  const of = (wanted: string): number => kinds.filter((kind) => kind === wanted).length;
  const time = toSeconds(checks.reduce((sum, { durationMs }) => sum + durationMs, 0));
  const figures = { failures: of("failure"), errors: of("error"), skipped: of("skipped") };
  return { tests: checks.length, ...figures, time };
}

function toSeconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
