import * as fc from "fast-check";
import { expect, test } from "vitest";
import { splitCommand } from "../../src/cli/runs/split-command.js";
import { quoteCommand } from "../../src/terminal/index.js";

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

test("quoted words are split into the same words", () => {
  const words = fc.tuple(fc.string({ minLength: 1, unit: "binary" }), fc.array(fc.string({ unit: "binary" })));
  fc.assert(
    fc.property(words, ([program, args]) => {
      expect(splitCommand(quoteCommand([program, ...args]))).toEqual([program, ...args]);
    }),
    { seed: 1 },
  );
});

test.each([
  [["./worker", "--port", "{port}"], "./worker --port '{port}'"],
  [["echo", "it's"], String.raw`echo 'it'\''s'`],
  [["a", ""], "a ''"],
])("%j is quoted as %s", (words, line) => {
  expect(quoteCommand(words)).toBe(line);
});
