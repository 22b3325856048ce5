import { expect, test } from "vitest";
import { maskSlices } from "../../src/evidence/record/mask-slices.js";
import { hideValue } from "../../src/terminal/index.js";

const KEY = "sk-sliced-0123456789";
const slicesOf = (...texts: readonly string[]) => texts.map((text, atMs) => ({ bytes: Buffer.from(text), atMs }));
const textsOf = (slices: ReturnType<typeof maskSlices>) => slices.map(({ bytes }) => Buffer.from(bytes).toString());

test.each([
  ["within one part", ["it is sk-sliced-0123456789!"], ["it is ********************!"]],
  ["over several parts", ["é sk-sliced-", "0123", "456789 é"], ["é **********", "****", "****** é"]],
])("a key that a server repeats is masked, and every byte keeps its position: %s", (_, parts, masked) => {
  hideValue(KEY);

  expect(textsOf(maskSlices(slicesOf(...parts)))).toEqual(masked);
});

test("parts without a key are the same objects", () => {
  hideValue(KEY);
  const slices = slicesOf("sk-sliced-", "012345678");

  expect(maskSlices(slices)).toBe(slices);
});
