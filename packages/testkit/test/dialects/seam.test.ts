import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const SOURCES = join(import.meta.dirname, "../../src");
/** A string that begins with a path of the protocol. */
const PATH =
  /(?<!\\)(["'`])\/(execute|cancel|health|metrics|shutdown|slots|props|info|completion|generate|api\/\w+|v1\/\w+)\b/;
const WIRE = /["'`](text\/event-stream|event: token|\[DONE\]|worker_tokens_generated_total)/;
const COMMENT = /\/\*[\s\S]*?\*\/|\/\/.*$/gm;
/** A sentence for a person, with code in it. */
const PROSE = /"[^"\n]*`[^"\n]*"/g;
/** Where they belong. */
const ALLOWED = /^dialects[\\/]/;
/** It is a server itself, of pages. */
const PAGE_SERVER = /^cli[\\/]live[\\/]/;

/** Conformance checks look at the wire itself. */
const WIRE_CHECKS = /^conformance\/(checks|server)\//;

function isLeak(line: string): boolean {
  const code = line.replaceAll(PROSE, '""');
  return PATH.test(code) || WIRE.test(code);
}

function findLeaks(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !ALLOWED.test(file) && !PAGE_SERVER.test(file) && !WIRE_CHECKS.test(file))
    .flatMap((file) => {
      const code = readFileSync(join(folder, file), "utf8").replaceAll(COMMENT, "");
      return code
        .split("\n")
        .filter(isLeak)
        .map((line) => `${file}: ${line.trim()}`);
    });
}

test("only the dialects know paths and markers of servers", () => {
  expect(findLeaks(SOURCES)).toEqual([]);
});

test("the search finds a path that is spelled out", () => {
  expect(isLeak('client.request("/execute", options)')).toBe(true);
  expect(isLeak("fetch(`/cancel/${id}`)")).toBe(true);
  expect(isLeak('if (data === "[DONE]") return;')).toBe(true);
  expect(isLeak('"`/health` does not answer"')).toBe(false);
});
