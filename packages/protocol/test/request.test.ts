import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvalidRequestError, parseExecuteRequest, REQUEST_LIMITS, type FieldError } from "../src/index.js";

const MAX_U64 = 18_446_744_073_709_551_615n;
const VALID = { job_id: "job", prompt: "Hello" };

function errorsOf(body: unknown, maxTokensOut?: number): readonly FieldError[] {
  try {
    parseExecuteRequest(body, { maxTokensOut });
  } catch (error) {
    if (error instanceof InvalidRequestError) return error.errors;
    throw error;
  }
  return [];
}

/** `field constraint` of every error, in order. */
const rules = (body: unknown) => errorsOf(body).map(({ field, constraint }) => `${field} ${constraint}`);

describe("defaults", () => {
  test("job_id and prompt are enough", () => {
    expect(parseExecuteRequest(VALID)).toEqual({
      ...VALID,
      max_tokens: 2048,
      temperature: 1,
      seed: null,
      top_p: 1,
      top_k: 0,
      min_p: 0,
      repetition_penalty: 1,
      stop: [],
    });
  });

  test("a full request is returned unchanged", () => {
    const full = {
      ...VALID,
      max_tokens: 1,
      temperature: 0.5,
      seed: MAX_U64,
      top_p: 0.9,
      top_k: 40,
      min_p: 0.05,
      repetition_penalty: 1.1,
      stop: ["}"],
    };
    expect(parseExecuteRequest(full)).toEqual(full);
  });

  test("unknown fields are ignored", () => {
    const parsed = parseExecuteRequest({ ...VALID, stream: true, __proto_: 1, max_Tokens: "x" });
    expect(Object.keys(parsed)).toEqual(Object.keys(parseExecuteRequest(VALID)));
  });

  test("null is valid only for the seed", () => {
    expect(parseExecuteRequest({ ...VALID, seed: null }).seed).toBeNull();
    expect(rules({ ...VALID, top_k: null })).toEqual(["top_k type(integer)"]);
  });

  test("maxTokensOut is both the limit and the default of max_tokens", () => {
    expect(parseExecuteRequest(VALID, { maxTokensOut: 16 }).max_tokens).toBe(16);
    expect(parseExecuteRequest({ ...VALID, max_tokens: 16 }, { maxTokensOut: 16 }).max_tokens).toBe(16);
    expect(errorsOf({ ...VALID, max_tokens: 17 }, 16)).toEqual([
      { field: "max_tokens", constraint: "range(1..=16)", message: "max_tokens must be from 1 to 16", value: 17 },
    ]);
  });
});

describe("seeds", () => {
  test("every u64 is accepted exactly, as a number or a bigint", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: MAX_U64 }), (seed) => {
        expect(parseExecuteRequest({ ...VALID, seed }).seed).toBe(seed);
      }),
    );
    expect(parseExecuteRequest({ ...VALID, seed: 42 }).seed).toBe(42n);
    expect(parseExecuteRequest({ ...VALID, seed: 7.0 }).seed).toBe(7n);
  });

  test.each([-1, -1n, MAX_U64 + 1n, 1e20])("%s is out of range", (seed) => {
    expect(rules({ ...VALID, seed })).toEqual(["seed range(0..=18446744073709551615)"]);
  });
});

const text = (characters: number) => "x".repeat(characters);

describe("ranges are inclusive", () => {
  test.each<[string, unknown[], unknown[], string]>([
    ["job_id", [text(1), text(256)], [text(257)], "length(1..=256)"],
    ["job_id", ["a"], [""], "non_empty"],
    ["prompt", [text(1), text(32_768)], [text(32_769)], "length(1..=32768)"],
    ["prompt", ["a"], [""], "non_empty"],
    ["max_tokens", [1, 2048], [0, -1, 2049, MAX_U64], "range(1..=2048)"],
    ["temperature", [0, -0, 0.1, 2], [-0.001, 2.001, 1e400, MAX_U64], "range(0.0..=2.0)"],
    ["seed", [0, MAX_U64], [-1, MAX_U64 + 1n], "range(0..=18446744073709551615)"],
    ["top_p", [0, 0.5, 1], [-0.001, 1.001], "range(0.0..=1.0)"],
    ["top_k", [0, 1, 2 ** 31 - 1], [-1, 2 ** 31], "range(0..=2147483647)"],
    ["min_p", [0, 0.5, 1], [-0.001, 1.001], "range(0.0..=1.0)"],
    ["repetition_penalty", [Number.MIN_VALUE, 1, 2], [0, -1, 2.001], "range(0.0<..=2.0)"],
    ["stop", [[], ["a", "b", "c", "d"]], [["a", "b", "c", "d", "e"]], "max_count(4)"],
  ])("%s", (...[field, valid, invalid, constraint]) => {
    for (const value of valid) expect(rules({ ...VALID, [field]: value })).toEqual([]);
    for (const value of invalid) expect(rules({ ...VALID, [field]: value })).toEqual([`${field} ${constraint}`]);
  });

  test.each([
    ["a", []],
    [text(100), []],
    ["🎉".repeat(25), []],
    ["", ["stop[1] non_empty"]],
    [text(101), ["stop[1] max_bytes(100)"]],
    ["🎉".repeat(26), ["stop[1] max_bytes(100)"]],
    [7, ["stop[1] type(string)"]],
  ])("a stop sequence has 1 to 100 bytes of UTF-8: %j", (stop, expected) => {
    expect(rules({ ...VALID, stop: ["ok", stop] })).toEqual(expected);
  });
});

describe("lengths count code points, not UTF-16 units", () => {
  test.each([
    ["prompt", REQUEST_LIMITS.promptMaxCharacters],
    ["job_id", REQUEST_LIMITS.jobIdMaxCharacters],
  ])("%s", (field, max) => {
    expect(rules({ ...VALID, [field]: "🎉".repeat(max) })).toEqual([]);
    expect(rules({ ...VALID, [field]: "🎉".repeat(max + 1) })).toEqual([`${field} length(1..=${max})`]);
  });
});

describe("types", () => {
  const WRONG: Record<string, unknown[]> = {
    "type(string)": [1, true, null, [], {}],
    "type(integer)": ["1", 1.5, true, [], {}, NaN],
    "type(number)": ["1", true, null, [], {}, NaN],
    "type(array)": ["a", 1, null, {}],
  };

  test.each([
    ["job_id", "type(string)"],
    ["prompt", "type(string)"],
    ["max_tokens", "type(integer)"],
    ["temperature", "type(number)"],
    ["seed", "type(integer)"],
    ["top_p", "type(number)"],
    ["top_k", "type(integer)"],
    ["min_p", "type(number)"],
    ["repetition_penalty", "type(number)"],
    ["stop", "type(array)"],
  ])("%s has %s", (field, constraint) => {
    for (const value of WRONG[constraint]!) {
      expect(rules({ ...VALID, [field]: value }), String(value)).toEqual([`${field} ${constraint}`]);
    }
  });

  test.each([[null], ["text"], [1], [[]]])("the body %j is not an object", (body) => {
    const expected = Array.isArray(body) ? ["job_id required", "prompt required"] : ["body type(object)"];
    expect(rules(body)).toEqual(expected);
  });
});

describe("the errors", () => {
  test("all violations are reported at once, in the order of the protocol's table", () => {
    const worst = {
      stop: ["", 1],
      repetition_penalty: 0,
      min_p: 2,
      top_k: -1,
      top_p: 2,
      seed: -1,
      temperature: 3,
      max_tokens: 0,
    };
    expect(rules(worst)).toEqual([
      "job_id required",
      "prompt required",
      "max_tokens range(1..=2048)",
      "temperature range(0.0..=2.0)",
      "seed range(0..=18446744073709551615)",
      "top_p range(0.0..=1.0)",
      "top_k range(0..=2147483647)",
      "min_p range(0.0..=1.0)",
      "repetition_penalty range(0.0<..=2.0)",
      "stop[0] non_empty",
      "stop[1] type(string)",
    ]);
  });

  const valueOf = (change: Record<string, unknown>): unknown => {
    const [first] = errorsOf({ ...VALID, ...change });
    return first?.value;
  };

  test.each<[string, Record<string, unknown>, unknown]>([
    ["a text of 257 characters", { job_id: text(257) }, `${text(80)}…`],
    ["a text of 80 characters", { top_p: text(80) }, text(80)],
    ["a text of 81 characters", { top_p: text(81) }, `${text(80)}…`],
    ["a text with a pair of surrogates at the cut", { top_p: `${text(79)}🎉` }, `${text(79)}\ufffd…`],
    ["an integer of 80 digits", { max_tokens: 10n ** 79n }, 10n ** 79n],
    ["an integer of 81 digits", { max_tokens: 10n ** 80n }, `1${"0".repeat(79)}…`],
    ["a seed of 309 digits, written as 1e308", { seed: 1e308 }, `${String(BigInt(1e308)).slice(0, 80)}…`],
    ["a seed of minus 900 digits", { seed: -(10n ** 900n) }, `-1${"0".repeat(78)}…`],
    ["an infinite number, as 1e999 is read", { temperature: Infinity }, "Infinity"],
    ["minus infinity", { top_k: -Infinity }, "-Infinity"],
    ["a big finite number", { temperature: 1e300 }, 1e300],
  ])("%s is repeated in bounded form without changing its meaning", (_name, change, expected) => {
    expect(valueOf(change)).toEqual(expected);
  });

  test.each([{ temperature: -0 }, { seed: -0 }, { top_p: 5e-324 }, { min_p: 0 }])("%j is valid", (change) => {
    expect(errorsOf({ ...VALID, ...change })).toEqual([]);
  });

  test.each<[Record<string, unknown>, FieldError]>([
    [{ job_id: undefined }, { field: "job_id", constraint: "required", message: "job_id is required" }],
    [{ job_id: "" }, { field: "job_id", constraint: "non_empty", message: "job_id must not be empty", value: "" }],
    [
      { max_tokens: 1.5 },
      { field: "max_tokens", constraint: "type(integer)", message: "max_tokens must be an integer", value: 1.5 },
    ],
    [{ top_p: "1" }, { field: "top_p", constraint: "type(number)", message: "top_p must be a number", value: "1" }],
    [
      { temperature: 2.5 },
      {
        field: "temperature",
        constraint: "range(0.0..=2.0)",
        message: "temperature must be from 0.0 to 2.0",
        value: 2.5,
      },
    ],
    [
      { repetition_penalty: 0 },
      {
        field: "repetition_penalty",
        constraint: "range(0.0<..=2.0)",
        message: "repetition_penalty must be above 0.0 and at most 2.0",
        value: 0,
      },
    ],
    [{ stop: "x" }, { field: "stop", constraint: "type(array)", message: "stop must be an array" }],
    [
      { stop: ["1", "2", "3", "4", "5"] },
      { field: "stop", constraint: "max_count(4)", message: "stop must have at most 4 items" },
    ],
    [
      { stop: [text(101)] },
      { field: "stop[0]", constraint: "max_bytes(100)", message: "stop[0] must have at most 100 bytes of UTF-8" },
    ],
    [
      { prompt: text(32_769) },
      { field: "prompt", constraint: "length(1..=32768)", message: "prompt must have 1 to 32768 characters" },
    ],
  ])("%j", (change, expected) => {
    const body = Object.fromEntries(
      Object.entries({ ...VALID, ...change }).filter(([, value]: [string, unknown]) => value !== undefined),
    );
    expect(errorsOf(body)).toEqual([expected]);
  });

  test("prompt and stop are never echoed, whatever the error", () => {
    const secret = "SECRET";
    const bodies = [
      { ...VALID, prompt: secret.repeat(6000) },
      { ...VALID, prompt: [secret] },
      { ...VALID, prompt: { secret } },
      { ...VALID, stop: secret },
      { ...VALID, stop: [secret.repeat(20)] },
      { ...VALID, stop: [secret, secret, secret, secret, secret] },
      { ...VALID, stop: [{ secret }] },
    ];
    for (const body of bodies) {
      const errors = errorsOf(body);
      expect(errors).toHaveLength(1);
      expect(JSON.stringify(errors)).not.toMatch(/SECRET|secret/);
    }
  });

  test("objects and arrays are not echoed, so an answer stays small and can always be written", () => {
    let tree: unknown = [];
    for (let depth = 0; depth < 100_000; depth++) tree = [tree];
    expect(errorsOf({ ...VALID, max_tokens: tree })).toEqual([
      { field: "max_tokens", constraint: "type(integer)", message: "max_tokens must be an integer" },
    ]);
  });

  test("InvalidRequestError has all violations in its message", () => {
    expect(() => parseExecuteRequest({ job_id: "" })).toThrow(
      "Invalid request: job_id must not be empty; prompt is required",
    );
  });
});
