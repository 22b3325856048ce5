import { expect, test } from "vitest";
import { AssertionFailedError, InvalidOptionError, ProcessDiedError } from "../../src/errors/index.js";
import { toErrorObject } from "../../src/serve/rpc/describe-error.js";
import { toJsonLine } from "../../src/serve/rpc/to-json-line.js";

test("an invalid option has the number of invalid params, and its name", () => {
  const error = toErrorObject(new InvalidOptionError({ message: "Expected `a`", option: "a" }));
  expect(error).toMatchObject({ code: -32_602, data: { code: "INVALID_OPTION", option: "a", isAssertion: false } });
});

test("several failures at once are all there, and the first one leads", () => {
  const died = new ProcessDiedError({ message: "it crashed", details: { signal: "SIGSEGV" }, logTail: ["boom"] });
  const never = new AssertionFailedError("FAULT_NEVER_FIRED", { message: "it never fired" });
  const { code, message, data } = toErrorObject(new AggregateError([died, never], died.message));
  expect(code).toBe(-32_000);
  expect(data).toMatchObject({
    code: "PROCESS_DIED",
    details: { signal: "SIGSEGV" },
    logTail: ["boom"],
    isAssertion: false,
  });
  expect(data.errors).toMatchObject([{ code: "PROCESS_DIED" }, { code: "FAULT_NEVER_FIRED", isAssertion: true }]);
  expect(message).toContain("it crashed");
  expect(message).toContain("it never fired");
});

test("anything else is an internal error, with control characters made visible", () => {
  const { code, data } = toErrorObject(new TypeError("\u001b[2J"));
  expect(code).toBe(-32_603);
  expect(data).toMatchObject({ code: "INTERNAL_ERROR", name: "TypeError", message: String.raw`\x1b[2J` });
});

test("errors within a result become data, and a cause is left out unless it is text", () => {
  const line = toJsonLine({
    error: new Error("why", { cause: new Error("inner") }),
    cause: "spread",
    seed: 2n ** 64n - 1n,
  });
  expect(line).toContain('"message":"why"');
  expect(line).not.toContain("inner");
  expect(line).toContain('"cause":"spread"');
  expect(line).toContain('"seed":18446744073709551615');
});
