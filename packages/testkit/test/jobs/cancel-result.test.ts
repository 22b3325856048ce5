import { describe, expect, test } from "vitest";
import type { CollectedStream } from "../../src/events/index.js";
import { findCancelProblem, assertCancelled } from "../../src/jobs/assert-cancelled.js";
import { judgeCancel, type CancelCall } from "../../src/jobs/cancel-result.js";
import { AssertionFailedError } from "../../src/errors/index.js";
import { end, failure, started, token } from "../events/support.js";
import { streamOf } from "./support.js";

const CALLED_AT_MS = 100;
const cancelled = { ...failure, code: "CANCELLED", retriable: false };

/** Started, two tokens before the call, one after it, and a terminal event at the given time. */
async function streamEnding(terminal: typeof failure | ReturnType<typeof end>, atMs: number): Promise<CollectedStream> {
  const stream = await streamOf([started, token(0), token(1), token(2), terminal]);
  return { ...stream, arrivals: [1, 2, 3, CALLED_AT_MS + 1, atMs] };
}

function call(state: "cancelling" | "finished" | "unknown", over: Partial<CancelCall> = {}): CancelCall {
  const answer = { kind: "answered", state, atMs: CALLED_AT_MS + 2 } as const;
  return { calledAtMs: CALLED_AT_MS, tokensBefore: 2, answer, expired: false, ...over };
}

describe("judgeCancel()", () => {
  test.for([
    [
      "error CANCELLED",
      cancelled,
      110,
      call("cancelling"),
      { status: "cancelled", latencyMs: 10, tokensAfterCancel: 1 },
    ],
    [
      "end cancelled",
      end({ stop_reason: "cancelled" }),
      103,
      call("cancelling"),
      { status: "cancelled", latencyMs: 3 },
    ],
    ["an end of its own after it was accepted", end(), 110, call("cancelling"), { status: "ignored" }],
    ["another error after it was accepted", failure, 110, call("cancelling"), { status: "ignored" }],
    ["finished, and the end follows at once", end(), 110, call("finished"), { status: "too-late" }],
    ["unknown, and the end follows at once", end(), 110, call("unknown"), { status: "too-late" }],
    ["finished, but the job runs on", end(), 1000, call("finished"), { status: "ignored" }],
    ["unknown, but the job runs on", end(), 1000, call("unknown"), { status: "ignored" }],
    [
      "the end had arrived before the call",
      end(),
      99,
      call("cancelling"),
      { status: "too-late", reason: "its last event was in flight" },
    ],
    [
      "a cancelled end at the moment of the call",
      cancelled,
      100,
      call("cancelling"),
      { status: "cancelled", latencyMs: 0 },
    ],
    ["finished, and the end follows within 250 ms", end(), 352, call("finished"), { status: "too-late" }],
    [
      "finished, and the end follows later",
      end(),
      353,
      call("finished"),
      { status: "ignored", reason: "the worker answered `finished`, but the job continued" },
    ],
    [
      "a call that failed with what is not an error",
      cancelled,
      110,
      call("cancelling", { answer: { kind: "failed", error: { code: 7, toString: () => "code 7" } } }),
      { status: "ignored", reason: "the cancellation failed: code 7" },
    ],
    ["cancelled by another client before the call", cancelled, 99, call("finished"), { status: "too-late" }],
    [
      "a call that failed",
      cancelled,
      110,
      call("cancelling", { answer: { kind: "failed", error: new Error("refused\nhint") } }),
      { status: "ignored", reason: "the cancellation failed: refused", cancelState: undefined },
    ],
    [
      "a stream that stays open after its end",
      cancelled,
      110,
      call("cancelling", { expired: true }),
      { status: "cancelled" },
    ],
  ] as const)("%s", async ([, terminal, atMs, cancelCall, expected]) => {
    const stream = await streamEnding(terminal, atMs);

    expect(judgeCancel({ stream, call: cancelCall, timeoutMs: 5000 })).toMatchObject({ ...expected, tokensBefore: 2 });
  });

  test("no call: the job was over before the trigger", async () => {
    const stream = await streamEnding(end({ tokens_out: 3 }), 110);

    expect(judgeCancel({ stream, call: undefined, timeoutMs: 5000 })).toMatchObject({
      status: "too-late",
      tokensBefore: 3,
      reason: "the job had ended before the cancellation was sent",
    });
  });

  test.each([
    ["a token after it", [started, token(0), token(1), token(2), cancelled, token(3)], "At event 5 of 6"],
    ["a second one", [started, token(0), token(1), cancelled, cancelled], "At event 4 of 5"],
    ["a token that is missing", [started, token(0), token(1), token(4), cancelled], "At event 3 of 5"],
  ])("a cancelled job that ends with %s is not cancelled", async (_, events, place) => {
    const stream = { ...(await streamOf(events)), arrivals: events.map((__, index) => CALLED_AT_MS + index) };

    const result = judgeCancel({ stream, call: call("cancelling"), timeoutMs: 5000 });

    expect(result).toMatchObject({ status: "ignored", reason: expect.stringContaining(place) as string });
    expect(() => assertCancelled(result)).toThrow("its events are in the wrong order");
  });

  test.each([
    [true, "the job had not ended 5000 ms after the cancellation"],
    [false, "the stream broke off without a terminal event"],
  ])("no terminal event, expired %s", async (expired, reason) => {
    const stream = await streamOf([started, token(0)]);

    const result = judgeCancel({ stream, call: call("cancelling", { expired }), timeoutMs: 5000 });

    expect(result).toMatchObject({ status: "ignored", reason });
  });
});

describe("assertCancelled()", () => {
  const judge = async (...[terminal, atMs, made]: [typeof failure | ReturnType<typeof end>, number, CancelCall]) =>
    judgeCancel({ stream: await streamEnding(terminal, atMs), call: made, timeoutMs: 5000 });

  test("passes within its limits", async () => {
    const result = await judge(cancelled, 110, call("cancelling"));

    expect(() => assertCancelled(result, { withinMs: 10, tokensAfter: 1 })).not.toThrow();
    expect(findCancelProblem(result)).toBeUndefined();
  });

  test.each([
    [{ withinMs: 9 }, "Expected the job to end within 9 ms of its cancellation, it took 10 ms"],
    [{ tokensAfter: 0 }, "Expected at most 0 tokens after the cancellation, got 1"],
  ])("fails for %o", async (expected, message) => {
    const result = await judge(cancelled, 110, call("cancelling"));

    expect(findCancelProblem(result, expected)).toMatchObject({ code: "CANCEL_SLOW", message });
    expect(() => assertCancelled(result, expected)).toThrow(AssertionFailedError);
  });

  test("without limits, any time and any number of tokens is fine", async () => {
    const result = await judge(cancelled, 90_000, call("cancelling"));

    expect(() => assertCancelled(result)).not.toThrow();
  });

  test("has the error of a cancellation that failed as its cause", async () => {
    const error = new Error("refused");
    const result = await judge(cancelled, 110, call("cancelling", { answer: { kind: "failed", error } }));

    expect(() => assertCancelled(result)).toThrow(expect.objectContaining({ cause: error }) as Error);
  });

  test.each([undefined, {}, { status: "cancelled", latencyMs: 1 }])(
    "rejects anything other than a result: %o",
    (result) => {
      expect(() => assertCancelled(result as never)).toThrow(
        "Expected `result` to be a result of cancelAfter(), or the `cancel` of an outcome, got `",
      );
    },
  );

  test("names the invalid field of an expectation", async () => {
    const result = await judge(cancelled, 110, call("cancelling"));

    expect(() => assertCancelled(result, { withinMs: -1 })).toThrow("Expected `expected.withinMs` to be");
  });

  test("reports why a cancellation was too late", async () => {
    const result = await judge(end({ tokens_out: 3 }), 110, call("finished"));

    expect(() => assertCancelled(result)).toThrowErrorMatchingInlineSnapshot(`
      [AssertionFailedError: [CANCEL_TOO_LATE] Expected the job to be cancelled, it ended before: the worker answered \`finished\`: the job had ended; 2 tokens had arrived; the stream: it is complete
      hint: Nothing was tested: make the job longer (\`max_tokens\`) or slower, or cancel it earlier.
        status: too-late
        reason: the worker answered \`finished\`: the job had ended
        tokensBefore: 2
        cancelState: finished
        outcome: complete]
    `);
  });

  test("reports how a cancellation was ignored", async () => {
    const result = await judge(end({ tokens_out: 3 }), 110, call("cancelling"));

    expect(() => assertCancelled(result)).toThrowErrorMatchingInlineSnapshot(`
      [AssertionFailedError: [CANCEL_IGNORED] Expected the job to be cancelled, the worker did not: the worker accepted it, and the job continued to its own end; 2 tokens had arrived; the stream: it is complete
      hint: The worker must end the stream with \`error\` CANCELLED, or \`end\` with the stop reason \`cancelled\`.
        status: ignored
        reason: the worker accepted it, and the job continued to its own end
        tokensBefore: 2
        cancelState: cancelling
        outcome: complete]
    `);
  });

  test.each([{ withinMs: -1 }, { tokensAfter: 0.5 }, { within: 1 }])("rejects %o", async (expected) => {
    const result = await judge(cancelled, 110, call("cancelling"));

    expect(() => assertCancelled(result, expected)).toThrow("[INVALID_OPTION]");
  });
});
