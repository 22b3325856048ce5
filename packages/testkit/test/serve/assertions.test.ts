import { expect, test } from "vitest";
import type { ASSERTIONS } from "../../src/serve/methods/index.js";
import { EngineClient } from "./engine-client.js";

const STARTED = { type: "started", job_id: "job-1" };
const TOKEN = { type: "token", t: "a", i: 0 };
const END = { type: "end", tokens_out: 1, stop_reason: "max_tokens" };
const GOOD = [STARTED, TOKEN, END];
const STREAM = { events: GOOD, outcome: { status: "complete", terminal: END } };
const FAILED = { index: 0, status: "empty", message: "no token", timings: {} };

/** For each assertion: params that break its rule, and the code of its error. A worker is put in where one is needed. */
const CASES: Readonly<Record<keyof typeof ASSERTIONS, readonly [params: object, code: string]>> = {
  assertSuccessfulCompletion: [{ events: [STARTED, TOKEN] }, "ORDER_VIOLATED"],
  assertEventOrder: [{ events: [TOKEN, END] }, "ORDER_VIOLATED"],
  assertTokenCount: [{ events: GOOD, expected: { min: 2 } }, "TOKEN_COUNT_MISMATCH"],
  assertStopReason: [{ events: GOOD, reason: "eos" }, "STOP_MISMATCH"],
  assertStreamed: [{ stream: { ...STREAM, arrivals: [0, 1, 2], startedAtMs: 0, endedAtMs: 2 } }, "STREAMING_UNPROVEN"],
  assertAllOk: [{ outcomes: [FAILED] }, "NOT_ALL_OK"],
  assertOutcomes: [{ outcomes: [FAILED], expected: { ok: 1 } }, "OUTCOMES_MISMATCH"],
  assertCancelled: [
    { result: { status: "too-late", tokensBefore: 1, reason: "it had ended", stream: STREAM } },
    "CANCEL_TOO_LATE",
  ],
  assertRecovers: [{ worker: "?", fault: { id: "kill", at: { afterTokens: 2 } }, withinMs: 10_000 }, "NOT_RECOVERED"],
  assertNoLeak: [{ worker: "?", options: { cycles: 20 } }, "MEMORY_LEAK"],
};
const PACED = { stub: { timing: { itlMs: 10 } } };
const LEAKY = { stub: { faults: [{ id: "memory-leak", bytes: 8 * 1024 ** 2, optional: true }] } };

test.each(Object.entries(CASES))("%s fails with its error", async (name, [params, code]) => {
  const engine = await EngineClient.start();
  const worker =
    "worker" in params ? (await engine.startMock(name === "assertNoLeak" ? LEAKY : PACED)).worker : undefined;
  const error = await engine.fail("assert", { name, ...params, worker });
  expect(error).toMatchObject({ code: -32_000, data: { code, isAssertion: true } });
  expect(error.message).toMatch(new RegExp(`^\\[${code}\\] [^]*\nhint: `));
});

test("outcomes that the assertion cannot read are an invalid param", async () => {
  const engine = await EngineClient.start();
  const outcomes = [{ ...FAILED, message: undefined, stream: 1 }];
  const error = await engine.fail("assert", { name: "assertAllOk", outcomes });
  expect(error).toMatchObject({ code: -32_602, data: { code: "INVALID_OPTION", option: "params.outcomes" } });
});
