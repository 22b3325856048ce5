import { expect, test } from "vitest";
import { suggest } from "../src/validation.js";

const KNOWN = ["refuse", "status", "rst", "fin", "retry", "vram-oom", "slow", "kill", "pause", "open-files-limit"];

test.each([
  ["vram-omm", "vram-oom"],
  ["oom", "vram-oom"],
  ["VRAM_OOM", "vram-oom"],
  ["rts", "rst"],
  ["kil", "kill"],
  ["open-files", "open-files-limit"],
  ["fin", "fin"],
])("%s means %s", (word, meant) => {
  expect(suggest(word, KNOWN)).toBe(`; did you mean \`${meant}\`?`);
});

test.each(["", "x", "no-such-fault-at-all", undefined, 7, null])("%s has no suggestion", (word) => {
  expect(suggest(word, KNOWN)).toBe("");
});

test("a word of any length is fast", () => {
  expect(suggest("y".repeat(1_000_000), KNOWN)).toBe("");
});
