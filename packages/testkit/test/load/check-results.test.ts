import { expect, test } from "vitest";
import { checkResults } from "../../src/load/check-results.js";
import { makeRecords, makeResult } from "./results.js";

const WANTED = "Expected `runs` to be one or more results of runLoad() with schemaVersion 1, got ";

test("one result and several are accepted", async () => {
  const result = await makeResult(makeRecords(3));

  expect(() => checkResults("runs", [result])).not.toThrow();
  expect(() => checkResults("runs", [result, result])).not.toThrow();
});

test.each<[string, unknown, string]>([
  ["no list", "run", '`"run"`'],
  ["nothing", undefined, "`undefined`"],
  ["an empty list", [], ""],
  ["a list of text", ["run"], '`"run"`'],
  ["a list of two texts", ["run", "run"], "`["],
  ["a list of nothing", [null], "`null`"],
  ["an object without a kind", [{ schemaVersion: 1 }], ""],
  ["another kind", [{ kind: "run-report", schemaVersion: 1 }], ""],
  ["a newer schema", [{ kind: "load-result", schemaVersion: 2 }], ""],
])("%s is rejected", (_, runs, got) => {
  expect(() => checkResults("runs", runs)).toThrow(WANTED + got);
});

test("one bad result among good ones is enough to reject the list", async () => {
  const result = await makeResult(makeRecords(3));

  expect(() => checkResults("runs", [result, { ...result, schemaVersion: 2 }])).toThrow(WANTED);
});
