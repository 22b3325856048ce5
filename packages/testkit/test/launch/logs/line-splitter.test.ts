import fc from "fast-check";
import { expect, test } from "vitest";
import { LineSplitter, LONGEST_LINE } from "../../../src/launch/logs/line-splitter.js";

const split = (chunks: readonly Uint8Array[]): string[] => {
  const splitter = new LineSplitter();
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
};

test("lines end at \\n or \\r\\n; a last line without a break is returned at the end", () => {
  expect(split([Buffer.from("one\ntwo\r\n\nfo\rur")])).toEqual(["one", "two", "", "fo\rur"]);
  expect(split([Buffer.from("one\n")])).toEqual(["one"]);
  expect(split([])).toEqual([]);
});

test("invalid UTF-8 becomes U+FFFD, including half a character at the end", () => {
  expect(split([Buffer.from([0x61, 0xff, 0x62, 0x0a, 0xe2, 0x82])])).toEqual(["a\ufffdb", "\ufffd"]);
});

test("a long line is truncated with the number of missing characters", () => {
  const [line, next] = split([Buffer.from("x".repeat(LONGEST_LINE + 5)), Buffer.from("yy\nnext\n")]);
  expect(line).toBe(`${"x".repeat(LONGEST_LINE)} … (7 more characters)`);
  expect(next).toBe("next");
});

test("a line of exactly the maximum length is complete", () => {
  expect(split([Buffer.from(`${"x".repeat(LONGEST_LINE)}\n`)])).toEqual(["x".repeat(LONGEST_LINE)]);
});

test("the lines do not depend on how the bytes are cut", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "\n", "\r\n", "€", "𝄞", "é") });
  fc.assert(
    fc.property(text, fc.array(fc.nat(64)), (whole, cuts) => {
      const bytes = Buffer.from(whole);
      const edges = [...new Set([0, ...cuts.filter((cut) => cut < bytes.length), bytes.length])].sort((a, b) => a - b);
      const pieces = edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
      expect(split(pieces)).toEqual(split([bytes]));
    }),
  );
});
