import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { joinVisibleLines, toVisibleJson, toVisibleText } from "../../src/terminal/visible-text.js";
import { expectNoControls } from "./expect-safe.js";

describe("toVisibleText()", () => {
  test.for([
    ["plain text, ünïcödé and 日本 🎉", "plain text, ünïcödé and 日本 🎉"],
    ["\u001b[31mred\u0007", "\\x1b[31mred\\x07"],
    ["a\nb\rc\td", "a\\nb\\rc\\td"],
    ["\u202eright to left\u200b", "\\u202eright to left\\u200b"],
    ["\u0085\u009b\u2028\u00a0\u007f", "\\x85\\x9b\\u2028\\xa0\\x7f"],
    ["lone \ud800 surrogate", "lone \\ud800 surrogate"],
    ["tags \u{e0041}, filler \u3164, private \u{100000}", "tags \\u{e0041}, filler \\u3164, private \\u{100000}"],
    ["invalid bytes \ufffd stay", "invalid bytes \ufffd stay"],
    ["joiner a\u200db outside of an emoji", "joiner a\\u200db outside of an emoji"],
    ["at the end of an emoji 👩\u200d", "at the end of an emoji 👩\\u200d"],
  ] as const)("%j is shown as %j", ([text, visible]) => {
    expect(toVisibleText(text)).toBe(visible);
  });

  test.for(["👨‍👩‍👧‍👦", "👩🏽‍🚀", "🏳️‍🌈", "❤️‍🔥", "🏴‍☠️", "👩🏻‍❤️‍💋‍👨🏿", "1️⃣", "ﷺ", "é"])("%s stays whole", (text) => {
    expect(toVisibleText(`before ${text} after`)).toBe(`before ${text} after`);
  });

  test("no terminal control characters get through", () => {
    for (let code = 0; code <= 0x10ffff; code += 1) {
      const char = String.fromCodePoint(code);
      if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(char)) expect(toVisibleText(char)).toMatch(/^\\[\x21-\x7e]+$/);
    }
  });

  test("visible text is not changed again", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const visible = toVisibleText(text);
        expect(toVisibleText(visible)).toBe(visible);
      }),
    );
  });
});

test("each line of joinVisibleLines() stays one line", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" }), { minLength: 1 }), (lines) => {
      const joined = joinVisibleLines(lines);
      expect(joined.split("\n")).toHaveLength(lines.length);
      expectNoControls(joined.replaceAll(/\u200d/g, ""));
    }),
  );
});

test("toVisibleJson() changes no value", () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: "binary" }), (value) => {
      const json = JSON.stringify(value, null, 2);
      const visible = toVisibleJson(json);
      expect(JSON.parse(visible)).toEqual(JSON.parse(json));
      expectNoControls(visible.replaceAll(/\u200d/g, ""));
    }),
  );
  expect(toVisibleJson('"\u009b \u{e0041} \u202e"')).toBe('"\\u009b \\udb40\\udc41 \\u202e"');
});
