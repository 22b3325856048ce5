import { expect, test } from "vitest";
import { hostFault, FaultProxy, assertRecovers } from "../../src/faults-entry.js";
import { resolveRecordOptions } from "../../src/evidence/record/record-options.js";
import { findFreePort, makeTestRequest, TestModel, WorkerTestHarness } from "../../src/index.js";
import { resolveLaunchOptions } from "../../src/launch/index.js";
import { LogBuffer } from "../../src/launch/logs/log-buffer.js";
import { recordTest } from "../../src/fixtures/evidence.js";

/** A harness in front of nothing: what a misspelled option must be rejected before. */
const worker = { restart: () => 0, recordTo: () => 0 } as unknown as WorkerTestHarness;
const facts = { name: "t", id: "1", kind: "mock" };

test.each<[door: string, misspelled: string, meant: string, call: (options: never) => unknown]>([
  ["start()", "paralel", "parallel", (options) => WorkerTestHarness.start("model.gguf", -1, options)],
  ["startMock()", "stubb", "stub", (options) => WorkerTestHarness.startMock(options)],
  [
    "launch()",
    "checkIdentitty",
    "checkIdentity",
    (options: object) => WorkerTestHarness.launch({ command: "x", ...options }),
  ],
  ["attach()", "timouts", "timeouts", (options) => WorkerTestHarness.attach("http://127.0.0.1:1", options)],
  ["launch options", "argz", "args", (options: object) => resolveLaunchOptions({ command: "x", ...options })],
  ["recordTo()", "hashmodel", "hashModel", (options) => resolveRecordOptions("folder", options, true)],
  ["redact", "promts", "prompts", (redact) => resolveRecordOptions("folder", { redact }, true)],
  ["TestModel.synthetic()", "layercount", "layerCount", (options) => TestModel.synthetic(options)],
  ["findFreePort()", "timeoutms", "timeoutMs", (options) => findFreePort(options)],
  ["logs.waitFor()", "timeout", "timeoutMs", (options) => new LogBuffer(10).waitFor("x", options)],
  ["FaultProxy.inFrontOf()", "sed", "seed", (options) => FaultProxy.inFrontOf("http://127.0.0.1:1", options)],
  ["assertRecovers()", "withinMS", "withinMs", (options) => assertRecovers(worker, { id: "kill" }, options)],
  ["hostFault()", "limt", "limit", (options: object) => hostFault("open-files-limit", { limit: 64, ...options })],
  ["makeTestRequest()", "temprature", "temperature", (options) => makeTestRequest("job-1", "Hello", 1, options)],
  ["the evidence fixture", "foldr", "folder", (options) => recordTest(worker, options, facts)],
])("%s rejects `%s` and suggests `%s`", async (...[, misspelled, meant, call]) => {
  const error = await errorOf(() => call({ [misspelled]: 1 } as never));
  expect(error).toMatchObject({ code: "INVALID_OPTION" });
  expect((error as Error).message).toMatch(new RegExp(`${misspelled}\`.*; did you mean \`${meant}\`\\?`));
});

test.each<[option: string, message: string, call: () => unknown]>([
  [
    "command",
    "Expected `command` to be the name of a program, got `[]`",
    () => WorkerTestHarness.startMock({ command: [] }),
  ],
  [
    "command",
    "Expected `command` to be a program or an array of strings, got `5`",
    () => WorkerTestHarness.startMock({ command: 5 as never }),
  ],
  [
    "hostFaults",
    "Expected `hostFaults[0]` to be a result of hostFault(), got `null`",
    () => WorkerTestHarness.startMock({ hostFaults: [null as never] }),
  ],
  [
    "parallel",
    "Expected `parallel` to be a whole number of at least 1, got `0`",
    () => WorkerTestHarness.startMock({ parallel: 0 }),
  ],
  [
    "inferenceTimeoutMs",
    "Expected `inferenceTimeoutMs` to be a number of at least 1, got `0.5`",
    () => WorkerTestHarness.startMock({ inferenceTimeoutMs: 0.5 }),
  ],
  [
    "logLevel",
    'Expected `logLevel` to be "error", "warn", "info" or "debug", got `"all"`',
    () => WorkerTestHarness.startMock({ logLevel: "all" as never }),
  ],
  [
    "signal",
    "Expected `signal` to be an AbortSignal, got `5`",
    () => WorkerTestHarness.startMock({ signal: 5 as never }),
  ],
  ["modelPath", 'Expected `modelPath` to be the path of a GGUF file, got `""`', () => WorkerTestHarness.start("", -1)],
  [
    "gpuDevice",
    "Expected `gpuDevice` to be a GPU number, or -1 for the CPU, got `-2`",
    () => WorkerTestHarness.start("model.gguf", -2),
  ],
  [
    "seed",
    "Expected `seed` to be a whole number from 0 to 4294967295, got `-1`",
    () => FaultProxy.inFrontOf("http://127.0.0.1:1", { seed: -1 }),
  ],
  [
    "request",
    "Expected `request.job_id` to be a string, got `undefined`",
    () => assertRecovers(worker, { id: "kill" }, { withinMs: 1, request: {} as never }),
  ],
])("an invalid `%s` is rejected: %s", async (_option, message, call) => {
  expect(((await errorOf(call)) as Error).message).toContain(message);
});

test("a proxy rejects an invalid fault before it contacts the worker", async () => {
  const error = await errorOf(() => FaultProxy.inFrontOf("http://127.0.0.1:1", { faults: [{ id: "kill" } as never] }));
  expect(error).toMatchObject({ code: "INVALID_OPTION" });
});

async function errorOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return undefined;
}
