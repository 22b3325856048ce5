import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as errors from "../../src/errors/index.js";
import { TESTKIT_ERRORS, TestkitError, type TestkitErrorCode } from "../../src/errors/index.js";
import { expectNoControls } from "../terminal/expect-safe.js";

const HOSTILE =
  "\u001b[2K\u001b[1A\r\u001b[32m✓ passed\u001b[0m\n✓ passed\r\n\u001b]0;title\u0007\u009b31m\u202e\u2066\ud800";

/** Property tests take a second on an idle machine, and much longer on a busy one. */
const TIMEOUT_MS = 120_000;

type Parts = errors.TestkitErrorOptions;
type AnyError = new (...args: never[]) => TestkitError;

/** Every class, with a way to make an error of it. */
const CLASSES = Object.entries(errors as Record<string, unknown>).filter(
  (entry): entry is [string, AnyError] => typeof entry[1] === "function" && entry[1].prototype instanceof TestkitError,
);
const CODES = Object.keys(TESTKIT_ERRORS) as TestkitErrorCode[];

function create(made: AnyError, parts: Parts): TestkitError {
  // A class of one code takes the parts alone.
  return Object.getPrototypeOf(made) === TestkitError
    ? new (made as unknown as typeof TestkitError)("INVALID_EVENT", parts)
    : new (made as unknown as new (parts: Parts) => TestkitError)(parts);
}

function everyPart(text: string): Parts {
  const cause = Object.assign(new TypeError(text, { cause: new AggregateError([new Error(text)], text) }), {
    data: text,
  });
  return {
    message: [text, text],
    hint: text,
    logTail: [text, text],
    details: { text, list: [text], [text]: { [text]: text } },
    cause,
  };
}

/** Everything that reporters print of an error. */
function printed(error: unknown): string[] {
  if (!(error instanceof Error)) return typeof error === "string" ? [error] : [];
  const { errors: inner = [] } = error as { errors?: readonly unknown[] };
  return [
    ...[error.name, error.message, String(error), error.stack ?? "", inspect(error)],
    ...printed(error.cause),
    ...inner.flatMap((one) => printed(one)),
  ];
}

function expectSafe(error: TestkitError): void {
  for (const text of printed(error)) expectNoControls(text.replaceAll("\u200d", ""));
  for (const text of [error.hint, ...error.logTail]) expectNoControls(text.replaceAll(/[\n\u200d]/g, ""));
}

test("there are classes to look at", () => {
  expect(CLASSES.length).toBeGreaterThan(15);
});

describe.each(CLASSES)("%s", (_, made) => {
  test("prints no control characters from any of its parts", { timeout: TIMEOUT_MS }, () => {
    expectSafe(create(made, everyPart(HOSTILE)));
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => expectSafe(create(made, everyPart(text)))),
      { numRuns: 10 },
    );
  });
});

test.each(CODES)("%s prints as many lines as it has parts, whatever they contain", (code) => {
  const { message } = new TestkitError(code, everyPart(HOSTILE));

  // Two of the message, the hint, three facts, the heading of the log and two of its lines.
  expect(message.split("\n")).toHaveLength(9);
  expect(message).toMatch(/^\[[A-Z_]+\] \\x1b\[2K/);
  expect(message).not.toMatch(/^\s*✓ passed/m);
});

test("details keep the original texts and are not among the properties that reporters print", () => {
  const error = new TestkitError("HTTP_FAILED", everyPart(HOSTILE));

  expect(error.details["text"]).toBe(HOSTILE);
  expect(Object.keys(error)).toEqual(expect.not.arrayContaining(["details", "logTail"]));
});

test("a message with one text is one line", () => {
  const { message } = new TestkitError("HTTP_FAILED", { message: HOSTILE, hint: "-" });

  expect(message.split("\n")).toHaveLength(2);
});

test("a cause without control characters stays the same object, and so does a testkit error", () => {
  const cause = new Error("plain", { cause: new TestkitError("HTTP_FAILED", everyPart(HOSTILE)) });

  expect(new TestkitError("HTTP_FAILED", { message: "x", cause }).cause).toBe(cause);
});

test("a cause with control characters becomes a copy with its name, code, stack and cause", () => {
  const inner = new Error("inner");
  const cause = Object.assign(new TypeError(HOSTILE, { cause: inner }), { code: "ECONNRESET", data: HOSTILE, at: 3 });
  const copy = new TestkitError("HTTP_FAILED", { message: "x", cause }).cause as Error & Record<string, unknown>;

  expect(copy).toBeInstanceOf(Error);
  expect(copy).toMatchObject({ name: "TypeError", code: "ECONNRESET", at: 3 });
  expect(copy.cause).toBe(inner);
  expect(copy.stack).toContain("visible-errors.test.ts");
  expect(copy.stack!.split("\n")[1]).toMatch(/^ +at /);
  expect(cause.message).toBe(HOSTILE); // the error of others is left alone
});

test("circular causes terminate", () => {
  const cause = new Error(HOSTILE);
  cause.cause = cause;

  expectSafe(new TestkitError("HTTP_FAILED", { message: "x", cause }));
});

test.each([[HOSTILE], [undefined], [42], [{ text: HOSTILE }]])("a cause that is not an error: %j", (cause) => {
  expectSafe(new TestkitError("HTTP_FAILED", { message: "x", cause: typeof cause === "object" ? "object" : cause }));
});
