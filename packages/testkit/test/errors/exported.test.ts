import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as faults from "../../src/faults-entry.js";
import * as main from "../../src/index.js";
import * as load from "../../src/load/index.js";
import * as matchers from "../../src/matchers/index.js";
import * as memory from "../../src/memory/index.js";
import * as report from "../../src/report/index.js";

const source = join(import.meta.dirname, "../../src");
const CLASS = /\bclass (\w+) extends (?:(withCode)\(|(\w+))/g;
const manifest = JSON.parse(readFileSync(join(source, "../package.json"), "utf8")) as { exports: object };
const exported = { ...main, ...faults, ...load, ...matchers, ...memory, ...report };

/** Every class of the sources that is a testkit error, whatever folder it is in. */
function listErrorClasses(): string[] {
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const parents = new Map<string, string>();
  for (const file of files) {
    const text = readFileSync(join(source, file), "utf8");
    for (const [, name, made, parent] of text.matchAll(CLASS)) parents.set(name!, made ?? parent!);
  }
  const isError = (name: string | undefined): boolean =>
    name === "TestkitError" || name === "withCode" || (name !== undefined && isError(parents.get(name)));
  return [...parents.keys()].filter(isError).sort();
}

test("every error class can be imported from an entry point", () => {
  const classes = listErrorClasses();
  expect(classes).toEqual(expect.arrayContaining(["InvalidOptionError", "ReportInvalidError", "BrokenStreamError"]));
  expect(classes.filter((name) => !(name in exported))).toEqual([]);
});

test("the entry points are those of package.json", () => {
  expect(Object.keys(manifest.exports)).toEqual([
    ".",
    "./conformance",
    "./conformance/profile-schema",
    "./conformance/schema",
    "./faults",
    "./jest", // as are the other runners' entry points: no errors, and a runner of their own
    "./load",
    "./matchers",
    "./memory",
    "./node-test",
    "./playwright",
    "./report",
    "./report/schema",
    "./servers",
    "./vitest", // re-exports no errors; importing it here would register its matchers
    "./vitest/reporter",
    "./vitest/run",
    "./package.json",
  ]);
});
