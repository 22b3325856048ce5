import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_NUMBER_CHARACTERS, NumberTooLongError, parseJson, stringifyJson } from "../src/index.js";

const MAX_U64 = 18_446_744_073_709_551_615n;
const u64 = fc.bigInt({ min: 0n, max: MAX_U64 });

/** What `parseJson` gives for an integer: a number where a double holds it exactly. */
const asParsed = (value: bigint) => (value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value);

describe("integers", () => {
  test("the largest u64 survives in both directions", () => {
    expect(parseJson('{"seed":18446744073709551615}')).toEqual({ seed: MAX_U64 });
    expect(stringifyJson({ seed: MAX_U64 })).toBe('{"seed":18446744073709551615}');
  });

  test("every u64 is read exactly", () => {
    fc.assert(
      fc.property(u64, (seed) => {
        expect(parseJson(`{"seed":${seed}}`)).toEqual({ seed: asParsed(seed) });
      }),
    );
  });

  test("every u64 is written exactly", () => {
    fc.assert(
      fc.property(u64, (seed) => {
        expect(stringifyJson({ seed })).toBe(`{"seed":${seed}}`);
      }),
    );
  });

  test.each([
    ["9007199254740991", 9_007_199_254_740_991],
    ["9007199254740992", 9_007_199_254_740_992n],
    ["9007199254740993", 9_007_199_254_740_993n],
    ["-9007199254740993", -9_007_199_254_740_993n],
    ["0000", undefined],
    ["18446744073709551615.0", MAX_U64],
    ["18446744073709551615.5", 18_446_744_073_709_552_000],
    ["1.0000000000000000", 1],
    ["-0", -0],
    ["1e400", Infinity],
    ["12345678901234567e2", 1_234_567_890_123_456_800],
  ])("%s", (text, expected) => {
    if (expected === undefined) expect(() => parseJson(text)).toThrow(SyntaxError);
    else expect(parseJson(text)).toBe(expected);
  });
});

describe("everything else", () => {
  test("any JSON text parses like JSON.parse, even on the exact path", () => {
    const unsafe = (value: unknown) =>
      typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value);
    const value = fc.jsonValue().filter((json) => !deepValues(json).some(unsafe));
    fc.assert(
      fc.property(value, (json) => {
        const text = JSON.stringify({ json, digits: "1234567890123456" });
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test("stringifyJson writes what JSON.stringify writes", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        expect(stringifyJson(json)).toBe(JSON.stringify(json));
      }),
    );
  });

  test("digits inside a string stay text", () => {
    expect(parseJson('{"t":"18446744073709551615"}')).toEqual({ t: "18446744073709551615" });
  });

  test.each(["1", "18446744073709551615"])("the last of several equal keys wins (%s)", (first) => {
    expect(parseJson(`{"a":${first},"a":2}`)).toEqual({ a: 2 });
  });

  test.each(["1", "18446744073709551615"])("`__proto__` is a key like any other (%s)", (seed) => {
    const value = parseJson(`{"__proto__":{"job_id":"x"},"constructor":1,"seed":${seed}}`) as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(["__proto__", "constructor", "seed"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(value["job_id"]).toBeUndefined();
  });

  test("unpaired surrogates, escapes and line separators survive both directions", () => {
    const value = { text: '\ud800 \u2028 \u0000 " \\ 🎉', seed: MAX_U64 };
    expect(parseJson(stringifyJson(value))).toEqual(value);
  });
});

describe("bad input", () => {
  test.each([
    "",
    " ",
    "{",
    "[1,]",
    "{'a':1}",
    "NaN",
    "01",
    "+1",
    "18446744073709551615 x",
    '{"a":18446744073709551615',
  ])("%j is a SyntaxError", (text) => expect(() => parseJson(text)).toThrow(SyntaxError));

  test("nesting too deep for the exact parser is a SyntaxError, not a crash", () => {
    const depth = 200_000;
    const text = `${"[".repeat(depth)}18446744073709551615${"]".repeat(depth)}`;
    expect(() => parseJson(text)).toThrow(new SyntaxError("JSON text is nested too deeply"));
  });

  test.each([[undefined], [() => 1], [Symbol("s")]])("%s has no JSON form", (value) => {
    expect(() => stringifyJson(value)).toThrow(TypeError);
  });
});

describe("long numbers", () => {
  const digits = (count: number) => "9".repeat(count);

  test.each([
    ["a long integer", digits(MAX_NUMBER_CHARACTERS), BigInt(digits(MAX_NUMBER_CHARACTERS))],
    ["a long fraction", `0.${digits(MAX_NUMBER_CHARACTERS - 2)}`, 1],
    ["many zeros in an exponent", `1e-${"0".repeat(MAX_NUMBER_CHARACTERS - 4)}1`, 0.1],
    ["an exponent beyond a double", "1e999999999", Infinity],
    ["a negative exponent beyond a double", "1e-400000", 0],
    ["minus zero with zeros", `-0.${"0".repeat(500)}`, -0],
  ])("%s is read", (_name, text, expected) => expect(parseJson(`[${text}]`)).toEqual([expected]));

  test.each([
    ["an integer", digits(MAX_NUMBER_CHARACTERS + 1)],
    ["a negative integer", `-${digits(MAX_NUMBER_CHARACTERS)}`],
    ["an integer of a million digits", digits(1_000_000)],
    ["a fraction", `0.${digits(MAX_NUMBER_CHARACTERS)}`],
    ["an exponent", `1e${"0".repeat(MAX_NUMBER_CHARACTERS)}`],
  ])("%s with more characters than allowed is rejected with its length", (_name, text) => {
    for (const json of [text, `{"seed":${text}}`, `[[{"a":[1,${text}]}]]`]) {
      expect(() => parseJson(json)).toThrow(NumberTooLongError);
      expect(() => parseJson(json)).toThrow(`a number has ${text.length} characters; at most 1000 are allowed`);
    }
  });

  test("a string of digits is accepted, however long", () => {
    const text = digits(100_000);
    expect(parseJson(JSON.stringify({ [text]: text }))).toEqual({ [text]: text });
  });
});

function deepValues(value: unknown): unknown[] {
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(deepValues) : [value];
}
