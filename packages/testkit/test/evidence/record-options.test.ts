import { expect, test } from "vitest";
import { resolveRecordOptions, type RecordOptions } from "../../src/evidence/record/record-options.js";

test("the defaults", () => {
  expect(resolveRecordOptions("folder", {}, true)).toEqual({
    folder: "folder",
    when: "always",
    redact: { prompts: false, text: false, log: false },
    maxBytes: 64 * 1024 * 1024,
    testName: undefined,
    hashModel: true,
  });
});

test.each<[RecordOptions["redact"], boolean, [boolean, boolean, boolean]]>([
  [true, true, [true, true, false]],
  [true, false, [true, true, true]],
  [false, false, [false, false, false]],
  [{ prompts: true }, false, [true, false, true]],
  [{ text: true }, true, [false, true, false]],
  [{ text: true, log: false }, false, [false, true, false]],
  [{ log: true }, true, [false, false, true]],
])("redact: %j for a worker whose log is safe: %s", (redact, isQuiet, [prompts, text, log]) => {
  expect(resolveRecordOptions("folder", { redact }, isQuiet).redact).toEqual({ prompts, text, log });
});

test.each<[unknown, string]>([
  [
    { whn: "always" },
    "Expected `options` to have options among when, testName, redact, maxBytes, hashModel, got `whn`; did you mean `when`?",
  ],
  [{ when: "never" }, 'Expected `when` to be "always", "failure" or "asked", got `"never"`'],
  [{ redact: "all" }, "Expected `redact` to be true, false or { prompts?, text?, log? }"],
  [{ redact: { prompt: true } }, "Expected `redact` to have options among prompts, text, log, got `prompt`"],
  [{ redact: { text: 1 } }, "Expected `redact.text` to be true or false, got `1`"],
  [{ maxBytes: 100 }, "Expected `maxBytes` to be a whole number of at least 65536"],
  [{ testName: "" }, "Expected `testName` to be a string that is not empty"],
  [{ hashModel: "no" }, "Expected `hashModel` to be true or false"],
])("%j is rejected", (options, message) => {
  expect(() => resolveRecordOptions("folder", options as RecordOptions, true)).toThrow(message);
});

test("a folder must have a name", () => {
  expect(() => resolveRecordOptions("", {}, true)).toThrow("Expected `folder` to be a string that is not empty");
});
