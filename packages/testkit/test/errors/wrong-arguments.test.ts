import { expect, test } from "vitest";
import { WorkerClient } from "../../src/client/index.js";
import { checkKnownOptions } from "../../src/options/index.js";
import { collectStream } from "../../src/events/index.js";
import { assertRecovers } from "../../src/recovery/index.js";
import {
  assertAllOk,
  assertCancelled,
  cancelAfter,
  executeAll,
  waitForIdle,
  type JobTarget,
} from "../../src/jobs/index.js";

const AWAIT = "got a Promise (is an `await` missing?)";
const pending = Promise.resolve() as never;

test.each<[string, () => unknown, string]>([
  ["assertAllOk", () => assertAllOk(pending), "`outcomes` to be the outcomes of executeAll()"],
  ["assertCancelled", () => assertCancelled(pending), "`result` to be a result of cancelAfter()"],
  ["cancelAfter", () => cancelAfter(pending, { tokens: 3 }), "`response` to be the answer of execute()"],
  ["waitForIdle", () => waitForIdle(pending), "`target` to be a harness"],
  ["executeAll", () => executeAll(pending, []), "`target` to be a harness"],
  ["assertRecovers", () => assertRecovers(pending, { id: "kill" }, { withinMs: 1 }), "`worker` to be a harness"],
  ["an option", () => checkKnownOptions("options", pending, []), "`options` to be an object"],
])("%s asks whether an await is missing", async (_, call, wanted) => {
  const error = await messageOf(call);

  expect(error).toContain(`[INVALID_OPTION] Expected ${wanted}`);
  expect(error).toContain(AWAIT);
});

test("an outcome is not a cancellation result: it has no latency to check", async () => {
  const outcome = { status: "cancelled", index: 0 } as never;

  expect(await messageOf(() => assertCancelled(outcome, { withinMs: 1 }))).toContain("or the `cancel` of an outcome");
});

test("missing options are named", async () => {
  const worker = { restart: () => 0 } as never;
  const error = await messageOf(() => assertRecovers(worker, { id: "kill" }, undefined as never));

  expect(error).toContain("Expected `options` to be an object, got `undefined`");
});

test("a proxy is not a worker, and the message names the alternative", async () => {
  const error = await messageOf(() => assertRecovers({ faults: {} } as never, { id: "kill" }, { withinMs: 1 }));

  expect(error).toContain("a fault of a FaultProxy is armed by a function in place of the fault");
});

test.each<[string, (signal: never) => unknown]>([
  [
    "executeAll()",
    (signal) => executeAll({ execute: () => 0, cancel: () => 0, health: () => 0 } as never, [], { signal }),
  ],
  ["collectStream()", (signal) => collectStream((async function* () {})(), { signal })],
  ["health()", (signal) => new WorkerClient({ baseUrl: "http://127.0.0.1:1" }).health({ signal })],
])("%s rejects an invalid signal", async (_, call) => {
  for (const signal of [5, null, new AbortController()] as never[]) {
    expect(await messageOf(() => call(signal))).toContain(
      "[INVALID_OPTION] Expected `signal` to be an AbortSignal, got",
    );
  }
});

test("a misspelled option gets a suggestion", () => {
  expect(() => checkKnownOptions("options", { timeoutMS: 1 }, ["signal", "timeoutMs"])).toThrow(
    "Expected `options` to have options among signal, timeoutMs, got `timeoutMS`; did you mean `timeoutMs`?",
  );
});

test("a large value does not hide the message", async () => {
  const target = { text: "x".repeat(10_000) } as unknown as JobTarget;

  expect((await messageOf(() => waitForIdle(target))).length).toBeLessThan(500);
});

async function messageOf(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing was thrown";
}
