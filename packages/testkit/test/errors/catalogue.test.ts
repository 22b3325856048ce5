import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { TESTKIT_ERRORS, TestkitError, type TestkitErrorCode } from "../../src/errors/index.js";

const root = join(import.meta.dirname, "../../../..");
const codes = Object.keys(TESTKIT_ERRORS) as TestkitErrorCode[];

function readTests(folder: string): string {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries
    .map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return readTests(path);
      return entry.name.endsWith(".test.ts") && path !== import.meta.filename ? readFileSync(path, "utf8") : "";
    })
    .join("\n");
}

test("the document lists exactly the codes of the catalogue", () => {
  const document = readFileSync(join(root, "docs/errors.md"), "utf8");
  const section = document.split("## Codes of the framework")[1]?.split("\n## ")[0] ?? "";
  const listed = [...section.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);

  expect(listed).toEqual(codes);
});

test.each(codes)("%s has a title and a hint", (code) => {
  expect(TESTKIT_ERRORS[code].title).toMatch(/^[A-Z].*[^.]$/);
  expect(TESTKIT_ERRORS[code].hint).toMatch(/[.?]$/);
});

test("every code is mentioned by a test", () => {
  const tests = readTests(join(root, "packages/testkit/test")) + readTests(join(root, "tests"));

  expect(codes.filter((code) => !tests.includes(code))).toEqual([]);
});

test("the message alone has what failed, the hint, the facts and the log", () => {
  const error = new TestkitError("READY_TIMEOUT", {
    message: "the worker was not ready after 30 ms",
    details: { pid: 4711, exit: undefined, seed: 18446744073709551615n, slots: { busy: 1 } },
    logTail: ["one", "two"],
  });

  expect(error.message).toMatchInlineSnapshot(`
    "[READY_TIMEOUT] the worker was not ready after 30 ms
    hint: Look at the worker's last log lines, or raise \`readyTimeoutMs\` (\`--ready-timeout\` on the command line).
      pid: 4711
      seed: 18446744073709551615
      slots: {"busy":1}
    last 2 log lines of the worker:
      | one
      | two"
  `);
});
