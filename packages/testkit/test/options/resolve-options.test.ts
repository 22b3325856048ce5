import { describe, expect, expectTypeOf, test } from "vitest";
import {
  abortSignal,
  callback,
  checkedBy,
  custom,
  defineOptions,
  durationMs,
  flag,
  group,
  integer,
  listOf,
  number,
  oneOf,
  orNull,
  positive,
  recordOf,
  required,
  resolveOptions,
  sizeBytes,
  text,
  timeoutMs,
  u64,
  variant,
  withDefault,
  type Option,
  type OptionsOf,
  type ResolvedOptionsOf,
} from "../../src/options/index.js";

const PING = defineOptions({
  count: required(integer([1, 100])),
  everyMs: withDefault(durationMs(), 250),
  name: text(),
  stop: group(defineOptions({ count: required(integer()), reason: withDefault(oneOf(["done", "late"]), "done") })),
});

function resolve(given: unknown): ResolvedOptionsOf<typeof PING> {
  return resolveOptions(PING, given as OptionsOf<typeof PING>);
}

describe("resolveOptions()", () => {
  test("applies defaults and leaves other missing options undefined", () => {
    expect(resolve({ count: 3 })).toEqual({ count: 3, everyMs: 250, name: undefined, stop: undefined });
  });

  test("keeps given values, including those in a group", () => {
    expect(resolve({ count: 3, everyMs: 10, name: "a", stop: { count: 0 } })).toEqual({
      count: 3,
      everyMs: 10,
      name: "a",
      stop: { count: 0, reason: "done" },
    });
  });

  test("treats undefined as not given", () => {
    expect(resolve({ count: 1, everyMs: undefined }).everyMs).toBe(250);
  });

  test.each([
    [{}, "Expected `count` to be a whole number from 1 to 100, got `undefined`"],
    [{ count: 0 }, "Expected `count` to be a whole number from 1 to 100, got `0`"],
    [{ count: null }, "Expected `count` to be a whole number from 1 to 100, got `null`"],
    [{ count: 1, stop: {} }, "Expected `stop.count` to be a whole number of at least 0, got `undefined`"],
    [{ count: 1, stop: { count: 1, reason: "x" } }, 'Expected `stop.reason` to be "done" or "late", got `"x"`'],
    [{ count: 1, stop: { cuont: 1 } }, "Expected `stop` to have options among count, reason, got `cuont`"],
    [{ count: 1, evryMs: 1 }, "got `evryMs`; did you mean `everyMs`?"],
    [null, "Expected `options` to be an object, got `null`"],
    [[], "Expected `options` to be an object, got `[]`"],
    [Promise.resolve({}), "Expected `options` to be an object, got a Promise (is an `await` missing?)"],
  ])("rejects %j by name", (given, message) => {
    expect(() => resolve(given)).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
    expect(() => resolve(given)).toThrow(message);
  });

  test("names of Object.prototype are unknown options", () => {
    expect(() => resolve({ count: 1, toString: 1 })).toThrow("got `toString`");
  });

  test("has the types of the table", () => {
    expectTypeOf<OptionsOf<typeof PING>>().toExtend<{ readonly count: number }>();
    expectTypeOf<{ count: number }>().toExtend<OptionsOf<typeof PING>>();
    expectTypeOf<() => void>().not.toExtend<OptionsOf<{ readonly name: Option<string> }>>();
    expectTypeOf<{ everyMs: number }>().not.toExtend<OptionsOf<typeof PING>>();
    expectTypeOf<ResolvedOptionsOf<typeof PING>["everyMs"]>().toEqualTypeOf<number>();
    expectTypeOf<ResolvedOptionsOf<typeof PING>["name"]>().toEqualTypeOf<string | undefined>();
    expectTypeOf<OptionsOf<typeof PING>["name"]>().toEqualTypeOf<string | undefined>();
  });
});

type Shape = { readonly kind: "dot" } | { readonly kind: "line"; readonly length: number; readonly color?: string };
const SHAPE = variant<Shape>("a shape", { dot: {}, line: { length: required(positive()), color: text() } });

type Kind = readonly [
  name: string,
  option: Option<unknown, unknown>,
  good: readonly unknown[],
  bad: readonly unknown[],
];

const KINDS: readonly Kind[] = [
  ["durationMs()", durationMs(), [0.1, 1, 2_147_483_647], [0, -1, NaN, Infinity, 2_147_483_648, "1", null]],
  ["durationMs({ orZero })", durationMs({ orZero: true }), [0, 1], [-1, NaN, Infinity, "0"]],
  ["timeoutMs()", timeoutMs(), [1, Infinity], [0, -Infinity, NaN, "1"]],
  ["integer()", integer(), [0, Number.MAX_SAFE_INTEGER], [-1, 0.5, NaN, Infinity, 2 ** 53, "1", 1n]],
  ["integer([1, Infinity])", integer([1, Infinity]), [1, Infinity], [0, 1.5, -Infinity]],
  ["number([0, 1])", number([0, 1]), [0, 0.5, 1], [-0.1, 1.1, NaN, "0"]],
  ["positive()", positive(), [0.001, 1e300], [0, -1, Infinity, NaN]],
  ["positive({ most })", positive({ most: 10 }), [0.001, 10], [0, 10.1, Infinity, NaN]],
  ["sizeBytes()", sizeBytes(), [0, 1.5], [-1, Infinity, NaN, "1"]],
  ["text()", text(), ["", "a"], ["\0", 1, null]],
  ["text({ filled })", text({ filled: true }), ["a"], ["", 1]],
  ["oneOf()", oneOf(["a", 1]), ["a", 1], ["b", "1", null]],
  ["flag()", flag(), [true, false], [0, "true", null]],
  ["abortSignal()", abortSignal(), [new AbortController().signal], [{}, null, "abort"]],
  ["callback()", callback(), [() => undefined], [{}, null]],
  ["listOf(text())", listOf(text()), [[], ["a"]], [[1], "a", {}, null]],
  ["listOf({ filled })", listOf(text(), { filled: true }), [["a"]], [[], [1], "a"]],
  ["orNull(text())", orNull(text()), ["a", null], [1, undefined]],
  [
    "variant()",
    SHAPE,
    [{ kind: "dot" }, { kind: "line", length: 2 }],
    [{ kind: "line" }, { length: 2 }, "dot", null, []],
  ],
  ["recordOf(text())", recordOf(text()), [{}, { a: "b" }, { a: undefined }], [{ a: 1 }, [], null]],
  ["custom()", custom("even", (value) => Number(value) % 2 === 0), [2], [1]],
];

describe.each(KINDS)("%s", (...[, option, good, bad]) => {
  test("keeps every valid value", () => {
    for (const value of good) expect(option.read("name", value)).toEqual(value);
  });

  test("rejects every other value by name", () => {
    for (const value of bad) expect(() => option.read("name", value)).toThrow(/^\[INVALID_OPTION\] Expected `name/);
  });
});

test("a list names the invalid element", () => {
  expect(() => listOf(text()).read("args", ["a", 1])).toThrow("Expected `args[1]` to be a string, got `1`");
});

test.each<[unknown, string]>([
  ["dot", 'Expected `shape` to be a shape, got `"dot"`'],
  [{ kind: "circle" }, 'Expected `shape.kind` to be one of dot, line, got `"circle"`'],
  [{ kind: "toString" }, "Expected `shape.kind` to be one of dot, line"],
  [{ kind: "dot", length: 2 }, "Expected `shape` to have options among kind, got `length`"],
  [{ kind: "line", lenght: 2 }, "got `lenght`; did you mean `length`?"],
  [{ kind: "line", length: 0 }, "Expected `shape.length` to be a positive number, got `0`"],
])("a variant names what does not fit its kind: %j", (given, message) => {
  expect(() => SHAPE.read("shape", given)).toThrow(message);
});

test("a variant is not changed: what was not given stays absent", () => {
  const line = { kind: "line", length: 2 };
  expect(Object.keys(SHAPE.read("shape", line) as object)).toEqual(["kind", "length"]);
});

test("a record names the invalid key", () => {
  expect(() => recordOf(text()).read("env", { PATH: 1 })).toThrow("Expected `env.PATH` to be a string, got `1`");
});

test("a seed is resolved to a bigint, up to 2^64 - 1", () => {
  expect([7, 2n ** 64n - 1n].map((seed) => u64().read("seed", seed))).toEqual([7n, 2n ** 64n - 1n]);
  for (const seed of [-1, 2n ** 64n, 0.5, 2 ** 53, "1"]) expect(() => u64().read("seed", seed)).toThrow("`seed`");
});

test("command-line words become values", () => {
  expect([integer(), durationMs(), number([0, 1]), u64()].map((option) => option.parse?.("1"))).toEqual([1, 1, 1, 1n]);
  expect(u64().parse?.("1e3")).toBe("1e3");
  expect(["", " ", "ten"].map((word) => integer().parse?.(word))).toEqual(["", " ", "ten"]);
});

test("another function may check and resolve a value", () => {
  const option = checkedBy((name: string, value: string) => `${name}=${value}`);
  expect(option.read("a", "b")).toBe("a=b");
});

test("a long value is truncated in the message", () => {
  const error = (): unknown => integer().read("count", "x".repeat(10_000));
  expect(error).toThrow(/…`/);
  expect(error).toThrow(expect.objectContaining({ message: expect.not.stringContaining("x".repeat(400)) as string }));
});
