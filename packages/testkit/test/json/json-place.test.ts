import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { describeJsonError, describePlace, findJsonError, findJsonPlace } from "../../src/json/index.js";

const DOCUMENT = `{
  "slots": 4,
  "list": [
    "a",
    { "in\\u0064ex": [1, 2] }
  ],
  "deviations": {
    "stop": {},
    "stop.a": { "reason": "{\\"slots\\": 5}" },
    "stop": { "link": 1 }
  }
}
`;

describe("the place of a path", () => {
  test.each<[string, number, number]>([
    ["slots", 2, 3],
    ["list[0]", 4, 5],
    ["list[1].index[1]", 5, 25],
    ["deviations.stop.a", 9, 5],
    ["deviations.stop.a.reason", 9, 17],
    ["deviations.stop.link", 10, 15],
    ["deviations.stop", 10, 5],
  ])("%s", (path, line, column) => {
    expect(findJsonPlace(DOCUMENT, path)).toEqual({ line, column });
    expect(findJsonPlace(DOCUMENT, `--declare.${path}`, "--declare")).toEqual({ line, column });
  });

  test("what is missing is looked for where it belongs", () => {
    expect(findJsonPlace(DOCUMENT, "deviations.stop.a.lin")).toEqual({ line: 9, column: 5 });
    expect(findJsonPlace(DOCUMENT, "list[7]")).toEqual({ line: 3, column: 3 });
    expect(findJsonPlace(`\n  ${DOCUMENT}`, "slot")).toEqual({ line: 2, column: 3 });
    expect(findJsonPlace("[]", "")).toEqual({ line: 1, column: 1 });
  });

  test("lines may end with CR LF, and a text that is too deep has no place", () => {
    expect(findJsonPlace(DOCUMENT.replaceAll("\n", "\r\n"), "deviations.stop.a.reason")).toEqual({
      line: 9,
      column: 17,
    });
    expect(findJsonPlace(`${"[".repeat(200_000)}${"]".repeat(200_000)}`, "[0]")).toBeUndefined();
  });

  test("a text of 20 MB with long strings is searched, too", () => {
    const text = JSON.stringify({ long: "x\\".repeat(10_000_000), last: [{ id: 1 }] }, null, 1);
    expect(findJsonPlace(text, "last[0].id")).toEqual({ line: 5, column: 4 });
  });
});

describe("where a text stops being JSON, as JSON.parse judges", () => {
  test.each<[string, number, number]>([
    ["", 1, 1],
    ["{", 1, 2],
    ['{\n  "a": 1,\n}', 3, 1],
    ['{"a": 1 "b": 2}', 1, 9],
    ["{a: 1}", 1, 2],
    ["{'a': 1}", 1, 2],
    ['["a\nb"]', 1, 4],
    ['["\\x"]', 1, 3],
    ["[01]", 1, 3],
    ["[1.]", 1, 3],
    ["[NaN]", 1, 2],
    ["[nul]", 1, 2],
    ["[-]", 1, 2],
    ["{} x", 1, 4],
    ["// comment\n{}", 1, 1],
  ])("%j", (text, line, column) => {
    expect(() => JSON.parse(text) as unknown).toThrow();
    expect(findJsonError(text)).toEqual({ line, column });
  });

  test.each(["null", " [1, -0.5e+10, true, false]\n", DOCUMENT, '"\\u00e9\\n"', "{}", "[[], {}]"])(
    "%j is JSON",
    (text) => {
      expect(() => JSON.parse(text) as unknown).not.toThrow();
      expect(findJsonError(text)).toBeUndefined();
    },
  );
});

test("any text is JSON for the search exactly if it is for JSON.parse", () => {
  const broken = fc
    .tuple(fc.json(), fc.nat(), fc.nat({ max: 2 }), fc.constantFrom(...Array.from('{}[],:"\\ue0-1.\n\t\u0001 tfn')))
    .map(([text, at, removed, character]) => {
      const cut = at % (text.length + 1);
      return `${text.slice(0, cut)}${character}${text.slice(cut + removed)}`;
    });
  fc.assert(
    fc.property(fc.oneof(fc.json(), broken), (text) => {
      expect(findJsonError(text) === undefined).toBe(isJson(text));
    }),
    { numRuns: 2_000 },
  );
});

test("every member of any document is found at its name", () => {
  const document = fc.dictionary(
    fc.string({ minLength: 1 }),
    fc.array(fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue())),
  );
  fc.assert(
    fc.property(document, fc.constantFrom(0, 1, 3), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      for (const name of Object.keys(value)) {
        const { line, column } = findJsonPlace(text, `root.${name}`, "root")!;
        const rest = text
          .split("\n")
          .slice(line - 1)
          .join("\n")
          .slice(column - 1);
        expect(rest.startsWith(`${JSON.stringify(name)}:`)).toBe(true);
      }
    }),
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test("the error of a text has the line once, whatever release of Node wrote the reason", () => {
  for (const suffix of ["", " at position 9", " at position 9 (line 2 column 1)"]) {
    const message = describeJsonError('{"a": 1,\n}', new SyntaxError(`Expected a name in JSON${suffix}`), "a.json");
    expect(message).toBe("Expected a name in JSON (line 2, column 1 of a.json)");
  }
});

test("a place names its file", () => {
  expect(describePlace({ line: 2, column: 3 }, "a.json")).toBe("line 2, column 3 of a.json");
  expect(describePlace({ line: 2, column: 3 })).toBe("line 2, column 3");
});
