import { describe, expect, test } from "vitest";
import { formatBytes, formatMs, formatRate, toVisibleText } from "../../src/cli/output/index.js";

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

test.for([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [491_400_032, "491.4 MB"],
  [2_500_000_000, "2.5 GB"],
] as const)("formatBytes(%i) is %s", ([bytes, text]) => expect(formatBytes(bytes)).toBe(text));

test.for([
  [1.24, "1.2 ms"],
  [123.4, "123 ms"],
  [1234, "1.23 s"],
  [262_700, "4 min"],
] as const)("formatMs(%d) is %s", ([ms, text]) => expect(formatMs(ms)).toBe(text));

test.for([
  [12.34, "12.3"],
  [1234.5, "1235"],
] as const)("formatRate(%d) is %s", ([rate, text]) => expect(formatRate(rate)).toBe(text));
