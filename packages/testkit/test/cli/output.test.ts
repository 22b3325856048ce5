import { describe, expect, test } from "vitest";
import { toVisibleText } from "../../src/cli/output/index.js";

describe("toVisibleText()", () => {
  test.for([
    ["plain text, ünïcödé and 日本 🎉", "plain text, ünïcödé and 日本 🎉"],
    ["\u001b[31mred\u0007", "\\u{1b}[31mred\\u{7}"],
    ["a\nb\rc\td", "a\\nb\\rc\\td"],
    ["\u202eright to left\u200b", "\\u{202e}right to left\\u{200b}"],
    ["\u0085\u009b\u2028\u00a0", "\\u{85}\\u{9b}\\u{2028}\\u{a0}"],
    ["lone \ud800 surrogate", "lone \\u{d800} surrogate"],
    ["invalid bytes \ufffd stay", "invalid bytes \ufffd stay"],
  ] as const)("%j is shown as %j", ([text, visible]) => {
    expect(toVisibleText(text)).toBe(visible);
  });

  test("nothing that a terminal obeys gets through", () => {
    const everything = Array.from({ length: 0x3000 }, (_, code) => String.fromCodePoint(code)).join("");
    expect(toVisibleText(everything)).not.toMatch(
      /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f]/,
    );
  });
});
