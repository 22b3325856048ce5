import { expect } from "vitest";

/** What a terminal obeys, and what turns the writing direction; of these only line breaks may be printed. */
const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/u;

/** Fails if text that is printed has a control character. */
export function expectNoControls(text: string): void {
  const at = OBEYED.exec(text)?.index;
  expect(at === undefined ? "" : JSON.stringify(text.slice(Math.max(0, at - 80), at + 80))).toBe("");
}

/**
 * Fails if what `workers/hostile.mjs` sent has a control character in an output, has begun a line of it, or is not in it at all: then
 * nothing was tested.
 */
export function expectHarmless(output: string): void {
  expect(output).toContain("forged verdict");
  expectNoControls(output);
  expect(output.split("\n").filter((line) => /^\s*✓ forged verdict/.test(line))).toEqual([]);
}
