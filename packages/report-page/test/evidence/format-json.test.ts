import { expect, test } from "vitest";
import { formatJson } from "../../src/evidence/format-json.js";

test("every value has a line, and integers keep their digits", () => {
  expect(formatJson('{"a":[1,{"b":18446744073709551615}],"c":{},"d":[],"e":"x,{}\\"[]:"}')).toBe(
    [
      "{",
      '  "a": [',
      "    1,",
      "    {",
      '      "b": 18446744073709551615',
      "    }",
      "  ],",
      '  "c": {},',
      '  "d": [],',
      '  "e": "x,{}\\"[]:"',
      "}",
    ].join("\n"),
  );
});

test("a text that is not JSON stays as it is", () => {
  for (const text of ["", "plain, text: {", '"only a text"', "]}"]) expect(formatJson(text)).toBe(text);
});

test("formatting keeps the value", () => {
  const value = { a: [[], [[]], {}, null, true, -1.5e-7, "\u2028\n"], "": { " ": 0 } };
  expect(JSON.parse(formatJson(JSON.stringify(value)))).toEqual(value);
});
