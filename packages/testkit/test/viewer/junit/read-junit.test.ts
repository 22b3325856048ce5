import { expect, test } from "vitest";
import { readJUnit } from "../../../src/viewer/junit/read-junit.js";

const PYTEST = `<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="1"
 skipped="1" tests="4" time="0.75" timestamp="2026-01-02T03:04:05+00:00"><testcase classname="test_order" name="test_ok" time="0.5">
<properties><property name="evidence of mock" value="evidence/ok-mock"/><property name="other" value="x"/></properties></testcase>
<testcase classname="test_order" name="test_order[a &lt; b]" time="0.25"><failure message="E: 1">first line
second</failure><error message="at teardown">boom</error></testcase><testcase classname="test_order" name="test_later">
<skipped type="pytest.skip" message="later">where</skipped></testcase></testsuite></testsuites>`;

test("reads the results of pytest", () => {
  const { cases, startedAt, durationMs } = readJUnit(PYTEST);

  expect([startedAt, durationMs]).toEqual(["2026-01-02T03:04:05.000Z", 750]);
  expect(cases.map(({ name, status, durationMs: took, note }) => [name, status, took, note])).toEqual([
    ["test_ok", "passed", 500, null],
    ["test_order[a < b]", "failed", 250, null],
    ["test_later", "skipped", null, "later"],
  ]);
  expect(cases[0]!.evidence).toEqual([["mock", "evidence/ok-mock"]]);
  expect(cases[1]!.errors).toEqual([
    { message: "E: 1", stack: "first line\nsecond" },
    { message: "at teardown", stack: "boom" },
  ]);
});

test("a single suite, suites in suites, and a failure without a message are read", () => {
  const { cases } = readJUnit(
    '<testsuite><testsuite><testcase name="a"><failure/></testcase></testsuite><testcase name="b" time="x"/></testsuite>',
  );

  expect(cases.map(({ name, status, durationMs }) => [name, status, durationMs])).toEqual([
    ["a", "failed", null],
    ["b", "passed", null],
  ]);
  expect(cases[0]!.errors).toEqual([{ message: "failed", stack: null }]);
});

test("another document is refused by its root element", () => {
  expect(() => readJUnit("<html/>")).toThrow("expected the root element `testsuites` or `testsuite`, got `html`");
});
