import { groupErrors, type ErrorGroup } from "../error-groups.js";
import type { ReportVerdict, RunReport, VerdictFigure } from "../run-report.js";
import { xmlElement, xmlText, type XmlAttributes } from "./xml.js";

/** As CI servers use them: `failure` is a check that failed, `error` one that could not be judged. */
const ELEMENTS = {
  fail: "failure",
  invalid: "error",
  inconclusive: "error",
  "not-enough-samples": "error",
  "not-comparable": "error",
} as const;

/**
 * The verdicts as JUnit XML: one test case per verdict, one suite per group. A verdict that proves nothing is an `error`, never a pass.
 * Requests that are not ok are listed by class in `system-out`.
 */
export function toJUnit(report: RunReport): string {
  const { title, createdAt, verdicts, load } = report;
  const seconds = ((load?.window.durationMs ?? 0) / 1000).toFixed(3);
  const groups = [...new Set(verdicts.map(({ group }) => group))];
  const suites = groups.map((group) =>
    writeSuite(
      { group, classname: classNameOf(title, group) },
      verdicts.filter((verdict) => verdict.group === group),
      createdAt,
    ),
  );
  const errors = load === undefined ? [] : writeErrors(groupErrors(load.records), createdAt);
  const content = `\n${[...suites, ...errors].map((suite) => `  ${suite}\n`).join("")}`;
  const root = xmlElement("testsuites", { name: title, time: seconds, ...count(verdicts) }, content);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
}

/** A CI server takes cases of the same class and name for one case: the title keeps the runs of one build apart, unless it is the time. */
function classNameOf(title: string, group: string): string {
  const run = /^Run of \d{4}-/.test(title) ? "" : `${title.replaceAll(".", " ")}.`;
  return `inference-testkit.${run}${group}`;
}

function writeSuite(
  { group, classname }: { group: string; classname: string },
  verdicts: readonly ReportVerdict[],
  createdAt: string,
): string {
  const cases = verdicts.map((verdict) => `    ${writeCase(verdict, classname)}\n`).join("");
  const attributes = { name: group, timestamp: createdAt.slice(0, 19), time: 0, ...count(verdicts) };
  return xmlElement("testsuite", attributes, `\n${cases}  `);
}

function writeCase(verdict: ReportVerdict, classname: string): string {
  const { name, status, message, figure } = verdict;
  const lines = [message, ...describeValues(verdict)];
  const parts = [
    ...(figure === undefined ? [] : [writeProperties(figure)]),
    ...(status === "pass" ? [] : [xmlElement(ELEMENTS[status], { type: status, message }, xmlText(lines))]),
    ...(status === "pass" ? [xmlElement("system-out", {}, xmlText(lines))] : []),
  ];
  return xmlElement(
    "testcase",
    { classname, name, time: 0 },
    `\n${parts.map((part) => `      ${part}\n`).join("")}    `,
  );
}

function describeValues({ expected, actual }: ReportVerdict): string[] {
  return [...(expected === null ? [] : [`expected: ${expected}`]), ...(actual === null ? [] : [`got: ${actual}`])];
}

/** The numbers, for programs that draw them over many runs. */
function writeProperties({ metric, statistic, unit, value, against, bound }: VerdictFigure): string {
  const known = Object.entries({ metric, statistic, unit, value, [against.replace(" ", "-")]: bound });
  const properties = known.flatMap(([name, given]) => {
    return given === null ? [] : [xmlElement("property", { name, value: given })];
  });
  return xmlElement("properties", {}, properties.join(""));
}

function writeErrors(groups: readonly ErrorGroup[], createdAt: string): string[] {
  if (groups.length === 0) return [];
  const lines = groups.flatMap(({ status, code, count: found, samples }) => [
    `${found} × ${status}${code === null ? "" : ` ${code}`}`,
    ...samples.map(({ index, jobId, message }) => `  ${jobId ?? `request ${index}`}: ${message ?? "no message"}`),
  ]);
  const attributes = { name: "requests that are not ok", timestamp: createdAt.slice(0, 19), time: 0, ...count([]) };
  const output = xmlElement("system-out", {}, xmlText(lines));
  return [xmlElement("testsuite", attributes, `\n    ${output}\n  `)];
}

function count(verdicts: readonly ReportVerdict[]): XmlAttributes {
  const failures = verdicts.filter(({ status }) => status === "fail").length;
  const passed = verdicts.filter(({ status }) => status === "pass").length;
  return { tests: verdicts.length, failures, errors: verdicts.length - failures - passed, skipped: 0 };
}
