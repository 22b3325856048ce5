import fc from "fast-check";
import { expect, test } from "vitest";
import { TextPipeline } from "../../src/text/index.js";

/** Feeds the bytes of a text in pieces of one size. */
function run(stops: readonly string[], bytes: Uint8Array, size: number): { text: string; matched: string | undefined } {
  const pipeline = new TextPipeline(stops);
  let text = "";
  for (let start = 0; start < bytes.length; start += size) {
    const step = pipeline.push(bytes.subarray(start, start + size));
    text += step.text;
    if (step.matched !== undefined) return { text, matched: step.matched };
  }
  const last = pipeline.end();
  return { text: text + last.text, matched: last.matched };
}

const encode = (text: string) => new TextEncoder().encode(text);

test.each([1, 2, 3, 5, 100])("a stop sequence is found across split characters (%i bytes per token)", (size) => {
  expect(run(["🎉日"], encode("naïve 🎉🎉日本"), size)).toEqual({ text: "naïve 🎉", matched: "🎉日" });
});

test("an incomplete character at the end is U+FFFD, after the text held back by the matcher", () => {
  expect(run(["abc"], Uint8Array.from([0x78, 0x61, 0x62, 0xe6]), 1)).toEqual({ text: "xab\ufffd", matched: undefined });
});

test("an incomplete character at the end may complete a stop sequence", () => {
  expect(run(["a\ufffd"], Uint8Array.from([0x78, 0x61, 0xe6]), 1)).toEqual({ text: "x", matched: "a\ufffd" });
});

test("the size of the tokens never changes the result", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "é", "🎉") });
  const stops = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "🎉"), minLength: 1, maxLength: 3 }), {
    maxLength: 4,
  });
  fc.assert(
    fc.property(text, stops, fc.integer({ min: 1, max: 7 }), (value, list, size) => {
      const bytes = encode(value);
      expect(run(list, bytes, size)).toEqual(run(list, bytes, bytes.length + 1));
    }),
  );
});
