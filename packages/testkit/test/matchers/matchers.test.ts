import { describe, expect, test } from "vitest";
import type { InferenceEvent } from "inference-worker-protocol";
import { collectStream } from "../../src/events/index.js";
import { judgeCancel } from "../../src/jobs/cancel-result.js";
import { matchers } from "../../src/matchers/index.js";
import { encode, from } from "../events/support.js";

const started: InferenceEvent = {
  type: "started",
  job_id: "a",
  model: "m",
  started_at: "2026-01-01T00:00:00Z",
  seed: 1,
};
const token = (i: number): InferenceEvent => ({ type: "token", t: "x", i });
const end: InferenceEvent = {
  type: "end",
  tokens_out: 2,
  decode_time_ms: 1,
  stop_reason: "stop_sequence",
  stop_sequence_matched: "}",
};
const error: InferenceEvent = { type: "error", code: "VRAM_OOM", message: "full", retriable: true };
const complete = [started, token(0), token(1), end];
const stream = await collectStream(from(encode([started, token(0), { ...error, code: "CANCELLED" }])));
const answer = { kind: "answered", state: "cancelling", atMs: 1 } as const;
const call = { calledAtMs: 0, tokensBefore: 1, answer, expired: false };
const cancelled = judgeCancel({ stream, call, timeoutMs: 1000 });
const tooLate = judgeCancel({ stream, call: undefined, timeoutMs: 1000 });

describe("pass with a message for .not", () => {
  test.each([
    ["toHaveEventOrder", matchers.toHaveEventOrder(complete)],
    ["toCompleteSuccessfully", matchers.toCompleteSuccessfully(complete)],
    ["toHaveTokenCount", matchers.toHaveTokenCount(complete, { min: 1, max: 2 })],
    ["toStopAt a sequence", matchers.toStopAt(complete, "}")],
    ["toStopAt a reason", matchers.toStopAt(complete, { reason: "stop_sequence" })],
    ["toBeCancelled", matchers.toBeCancelled(cancelled, { tokensAfter: 0 })],
  ])("%s", (_, result) => {
    expect(result.pass).toBe(true);
    expect(result.message()).toMatch(/^Expected a .*, but it is not one$/);
  });
});

describe("fail with the code, the reason and the hint", () => {
  test.each([
    ["toHaveEventOrder", matchers.toHaveEventOrder([started, token(1), end]), "ORDER_VIOLATED"],
    ["toCompleteSuccessfully on an error", matchers.toCompleteSuccessfully([started, error]), "COMPLETION_FAILED"],
    ["toCompleteSuccessfully on nothing", matchers.toCompleteSuccessfully([]), "ORDER_VIOLATED"],
    ["toHaveTokenCount", matchers.toHaveTokenCount(complete, 3), "TOKEN_COUNT_MISMATCH"],
    ["toStopAt another sequence", matchers.toStopAt(complete, "]"), "STOP_MISMATCH"],
    ["toStopAt another reason", matchers.toStopAt(complete, { reason: "eos" }), "STOP_MISMATCH"],
    ["toBeCancelled too late", matchers.toBeCancelled(tooLate), "CANCEL_TOO_LATE"],
    ["toBeCancelled slowly", matchers.toBeCancelled(cancelled, { withinMs: 0 }), "CANCEL_SLOW"],
    ["toStopAt without an end", matchers.toStopAt([started, error], { reason: "eos" }), "STOP_MISMATCH"],
  ])("%s", (_, result, code) => {
    expect(result.pass).toBe(false);
    expect(result.message()).toContain(`[${code}] `);
    expect(result.message()).toContain("hint: ");
  });
});
