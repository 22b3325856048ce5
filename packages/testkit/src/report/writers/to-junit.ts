import { toVisibleText } from "../../terminal/index.js";
import { groupErrors, type ErrorGroup } from "../error-groups.js";
import type { ReportVerdict, RunReport } from "../run-report.js";
import { escapeMarkup } from "./escape-markup.js";

/** What CI servers understand: a failure is a broken promise, an error is a test that could not be judged. */
const ELEMENTS = {
  fail: "failure",
  invalid: "error",
  inconclusive: "error",
  "not-enough-samples": "error",
  "not-comparable": "error",
} as const;

/**
 * The verdicts as JUnit XML, a test case each, in a suite for each group. What proves nothing is an `error`, never a pass. Requests that
 * are not ok are listed by class in `system-out`.
 */
export function toJUnit(report: RunReport): string {
  const { title, createdAt, verdicts, load } = report;
  const seconds = ((load?.window.durationMs ?? 0) / 1000).toFixed(3);
  const groups = [...new Set(verdicts.map(({ group }) => group))];
  const suites = groups.map((group) =>
    writeSuite(
      group,
      verdicts.filter((verdict) => verdict.group === group),
      createdAt,
    ),
  );
  const errors = load === undefined ? "" : writeErrors(groupErrors(load.records), createdAt);
  const head = `<testsuites name="${text(title)}" time="${seconds}" ${count(verdicts)}>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${head}\n${suites.join("")}${errors}</testsuites>\n`;
}

function writeSuite(group: string, verdicts: readonly ReportVerdict[], createdAt: string): string {
  const cases = verdicts.map((verdict) => writeCase(verdict)).join("");
  return `  <testsuite name="${text(group)}" timestamp="${createdAt.slice(0, 19)}" time="0" ${count(verdicts)}>\n${cases}  </testsuite>\n`;
}

function writeCase({ group, name, status, message, expected, actual }: ReportVerdict): string {
  const head = `    <testcase classname="inference-testkit.${text(group)}" name="${text(name)}" time="0"`;
  if (status === "pass") return `${head}/>\n`;
  const lines = [
    message,
    ...(expected === null ? [] : [`expected: ${expected}`]),
    ...(actual === null ? [] : [`got: ${actual}`]),
  ];
  const element = ELEMENTS[status];
  const body = lines.map((line) => text(line)).join("\n");
  return `${head}>\n      <${element} type="${status}" message="${text(message)}">${body}</${element}>\n    </testcase>\n`;
}

function writeErrors(groups: readonly ErrorGroup[], createdAt: string): string {
  if (groups.length === 0) return "";
  const lines = groups.flatMap(({ status, code, count: found, samples }) => [
    `${found} × ${status}${code === null ? "" : ` ${code}`}`,
    ...samples.map(({ index, jobId, message }) => `  ${jobId ?? `request ${index}`}: ${message ?? "no message"}`),
  ]);
  const body = lines.map((line) => text(line)).join("\n");
  const head = `<testsuite name="requests that are not ok" timestamp="${createdAt.slice(0, 19)}" time="0" tests="0" failures="0" errors="0" skipped="0">`;
  return `  ${head}\n    <system-out>${body}</system-out>\n  </testsuite>\n`;
}

function count(verdicts: readonly ReportVerdict[]): string {
  const failures = verdicts.filter(({ status }) => status === "fail").length;
  const passed = verdicts.filter(({ status }) => status === "pass").length;
  return `tests="${verdicts.length}" failures="${failures}" errors="${verdicts.length - failures - passed}" skipped="0"`;
}

/** Characters that XML 1.0 does not allow, and those that cannot be seen, are written as escapes. */
function text(value: string): string {
  return escapeMarkup(toVisibleText(value).replace(/[\uFFFE\uFFFF]/g, "\uFFFD"));
}
