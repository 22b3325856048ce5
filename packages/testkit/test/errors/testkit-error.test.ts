import { expect, test } from "vitest";
import { isTestkitError, ProcessDiedError, TestkitError } from "../../src/errors/index.js";

test("an error is recognized by its brand, even from another copy of the package", () => {
  const foreign = Object.assign(new Error("x"), {
    [Symbol.for("inference-testkit.error")]: true,
    code: "PROCESS_DIED",
  });

  expect(isTestkitError(foreign)).toBe(true);
  expect(isTestkitError(foreign, "PROCESS_DIED")).toBe(true);
  expect(isTestkitError(foreign, "READY_TIMEOUT")).toBe(false);
});

test.each([new Error("x"), { code: "PROCESS_DIED" }, null, undefined, "PROCESS_DIED"])(
  "%o is not a testkit error",
  (value) => {
    expect(isTestkitError(value)).toBe(false);
  },
);

test("a subclass carries its name, code, cause and its own hint", () => {
  const cause = new Error("spawn");
  const error = new ProcessDiedError({ message: "gone", hint: "start it again", cause });

  expect(error).toBeInstanceOf(TestkitError);
  expect(error).toMatchObject({ name: "ProcessDiedError", code: "PROCESS_DIED", hint: "start it again", cause });
  expect(error.message).toBe("[PROCESS_DIED] gone\nhint: start it again");
});
