import { expect, test } from "vitest";
import { splitCommand } from "../../src/cli/runs/split-command.js";

test.each([
  ["./worker --port {port}", ["./worker", "--port", "{port}"]],
  ["  a\t b\n", ["a", "b"]],
  ["a 'b c' \"d e\"", ["a", "b c", "d e"]],
  ["a b'c d'e", ["a", "bc de"]],
  ['a "b \\"c\\" \\n"', ["a", 'b "c" \\n']],
  ["a b\\ c \\'", ["a", "b c", "'"]],
  ["a '' \"\"", ["a", "", ""]],
  ["a '{\"x\": 1}'", ["a", '{"x": 1}']],
])("%j is split into %j", (line, words) => {
  expect(splitCommand(line)).toEqual(words);
});

test.each(["", "   ", "''", "a 'b", 'a "b', "a \\"])("%j is not a command", (line) => {
  expect(() => splitCommand(line)).toThrow(/INVALID_OPTION/);
});
