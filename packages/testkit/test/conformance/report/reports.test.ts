import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { compareConformance } from "../../../src/conformance/report/compare-reports.js";
import type {
  CheckResult,
  CheckStatus,
  ConformanceReport,
} from "../../../src/conformance/report/conformance-report.js";
import { createConformanceReport } from "../../../src/conformance/report/create-report.js";
import { parseConformanceReport } from "../../../src/conformance/report/parse-report.js";
import { conformanceToJUnit } from "../../../src/conformance/report/to-junit.js";
import { conformanceToMarkdown } from "../../../src/conformance/report/to-markdown.js";
import { readStrictXml } from "../../report/strict-xml.js";

const HOSTILE = "<script>alert(1)</script> | `x` [a](http://evil) \u001b[2J\n]]> &amp;";

function result(id: string, status: CheckStatus, more: Partial<CheckResult> = {}): CheckResult {
  const failed = status === "fail";
  return {
    ...{ id, title: `title of ${id}`, area: "stop", level: "smoke", why: "Because.", source: "test" },
    ...{
      status,
      message: status === "pass" ? "" : "reason",
      expected: failed ? HOSTILE : null,
      got: failed ? HOSTILE : null,
    },
    ...{
      durationMs: 12.5,
      attempts: 1,
      exchanges: [],
      omittedExchanges: 0,
      curl: failed ? "curl x" : null,
      deviation: null,
    },
    ...more,
  };
}

const RESULTS = [
  result("stop.a", "pass"),
  result("stop.b", "fail"),
  result("stop.c", "not-applicable"),
  result("stop.d", "inconclusive"),
  result("stop.e", "error"),
  result("stop.f", "fail", { deviation: { reason: HOSTILE } }),
];

function report(
  results: readonly CheckResult[],
  more: Partial<Parameters<typeof createConformanceReport>[0]> = {},
): ConformanceReport {
  const server = { url: "http://127.0.0.1:1", dialect: "orcd", recognizedBy: null, model: null, command: null };
  return createConformanceReport({ server, level: "smoke", seed: 1, results, restarts: [], deviations: {}, ...more });
}

const schema = JSON.parse(
  readFileSync(new URL("../../../schema/conformance-report.schema.json", import.meta.url), "utf8"),
) as object;

test("a report matches the published schema, and survives being stored", () => {
  const whole = report(RESULTS, {
    comparison: compareConformance(report([result("stop.a", "fail"), result("stop.z", "pass")]), RESULTS),
    partialReason: "cut",
    restarts: [{ after: "stop.b", reason: "it died" }],
  });
  const json = JSON.stringify(whole);
  const validate = new Ajv({ allowUnionTypes: true }).compile(schema);
  expect(validate(JSON.parse(json)), JSON.stringify(validate.errors)).toBe(true);
  expect(parseConformanceReport(json)).toEqual(JSON.parse(json));
});

test.each<[string, string, RegExp]>([
  ["not JSON", "{", /not JSON/],
  ["another report", '{"kind":"run-report"}', /expected `kind` to be "conformance-report", got "run-report"/],
  ["another version", '{"kind":"conformance-report","schemaVersion":2}', /schemaVersion 2, this release reads 1/],
  ["a missing part", '{"kind":"conformance-report","schemaVersion":1}', /`\w+` is missing/],
])("%s is refused", (_, json, message) => {
  expect(() => parseConformanceReport(json)).toThrow(message);
});

test.each<[string, CheckResult[], string | undefined, string, RegExp]>([
  ["all passed", [result("stop.a", "pass")], undefined, "pass", /no check failed/],
  ["a failure", RESULTS, undefined, "fail", /1 check failed/],
  ["a failure before the run was cut", RESULTS, "cut", "fail", /1 check failed/],
  ["cut", [result("stop.a", "pass")], "cut", "inconclusive", /not complete: cut/],
  [
    "an error of the suite",
    [result("stop.a", "pass"), result("stop.e", "error")],
    undefined,
    "inconclusive",
    /error of the suite/,
  ],
  ["nothing ran", [result("stop.c", "not-applicable")], undefined, "inconclusive", /no check has a verdict/],
  [
    "too few have a verdict",
    [result("stop.a", "pass"), result("stop.d", "inconclusive"), result("stop.g", "inconclusive")],
    undefined,
    "inconclusive",
    /only 1 of 3 checks/,
  ],
  ["a declared deviation only", [result("stop.a", "pass"), RESULTS[5]!], undefined, "pass", /declared/],
])("the status: %s", (...[, results, partialReason, status, message]) => {
  const made = report(results, { partialReason });
  expect(made.status).toBe(status);
  expect(made.message).toMatch(message);
});

test("JUnit has a test case for each check, and what proves nothing is never a pass", () => {
  const elements = readStrictXml(conformanceToJUnit(report(RESULTS)));
  const [root] = elements;
  expect(root!.attributes).toMatchObject({ tests: "6", failures: "1", errors: "2", skipped: "2" });
  expect(elements.map(({ name }) => name).filter((name) => name === "testcase")).toHaveLength(6);
  expect(elements.map(({ name }) => name).filter((name) => ["failure", "error", "skipped"].includes(name))).toEqual([
    "failure",
    "skipped",
    "error",
    "error",
    "skipped",
  ]);
});

test("Markdown leads with the coverage, and texts of the server are not markup in it", () => {
  const markdown = conformanceToMarkdown(report(RESULTS));
  expect(markdown.split("\n").slice(0, 3).join("\n")).toBe(
    "## Conformance: ❌ fail\n\n**3 of 6 checks ran: 1 passed, 2 failed, 1 not applicable, 1 inconclusive, 1 errors of the suite** (level smoke). 1 check failed.",
  );
  expect(markdown).not.toContain("<script>");
  expect(markdown).not.toContain("[a](http");
  expect(markdown).not.toContain("\u001b");
});

test("Markdown has what was expected and got for each check that got worse", () => {
  const results = [
    result("stop.b", "fail", { expected: "two tokens", got: "three" }),
    result("stop.d", "inconclusive", { message: "too few tokens" }),
    result("stop.f", "pass"),
  ];
  const before = report([result("stop.b", "pass"), result("stop.d", "pass"), result("stop.f", "fail")]);
  const markdown = conformanceToMarkdown(report(results, { comparison: compareConformance(before, results) }));
  const [, table = ""] = markdown.split("Compared with");
  expect(table.split("\n").slice(2, 7)).toEqual([
    "|  | Check | Before | Now | Expected | Got |",
    "| --- | --- | --- | --- | --- | --- |",
    "| worse | stop.b | pass | fail | two tokens | three |",
    "| worse | stop.d | pass | inconclusive | – | too few tokens |",
    "| better | stop.f | fail | pass |  |  |",
  ]);
});

test("a comparison names what got worse and better, and the checks that only one has", () => {
  const before = report([
    result("stop.a", "fail"),
    result("stop.b", "pass"),
    result("stop.d", "inconclusive"),
    result("stop.y", "pass"),
  ]);
  const { worse, better, added, removed } = compareConformance(before, RESULTS);
  expect(worse).toEqual([{ id: "stop.b", before: "pass", after: "fail" }]);
  expect(better).toEqual([{ id: "stop.a", before: "fail", after: "pass" }]);
  expect(added).toEqual(["stop.c", "stop.e", "stop.f"]);
  expect(removed).toEqual(["stop.y"]);
});
