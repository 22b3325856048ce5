import { expect, test } from "vitest";
import { formatCommand } from "../../src/launch/format-command.js";

test("arguments with spaces or quotes, and empty ones, are quoted", () => {
  expect(formatCommand({ command: "w", args: ["--a=1", "b c", "", 'd"e'] })).toBe('w --a=1 "b c" "" "d\\"e"');
});

test("a long command line is truncated", () => {
  expect(formatCommand({ command: "w", args: ["x".repeat(9_000)] })).toMatch(/^w x{498} …$/);
});
