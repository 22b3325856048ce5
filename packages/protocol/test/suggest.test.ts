import { expect, test } from "vitest";
import { FAULT_IDS, suggest } from "../src/index.js";

test.each([
  ["vram-omm", "vram-oom"],
  ["oom", "vram-oom"],
  ["VRAM_OOM", "vram-oom"],
  ["rts", "rst"],
  ["kil", "kill"],
  ["open-files", "open-files-limit"],
  ["fin", "fin"],
])("%s means %s", (word, meant) => {
  expect(suggest(word, FAULT_IDS)).toBe(`; did you mean \`${meant}\`?`);
});

test.each(["", "x", "no-such-fault-at-all", undefined, 7, null])("%s is near to nothing", (word) => {
  expect(suggest(word, FAULT_IDS)).toBe("");
});

test("a word of any length costs little", () => {
  expect(suggest("y".repeat(1_000_000), FAULT_IDS)).toBe("");
});
