import { describe, expect, test } from "vitest";
import type { CollectedStream, StreamOutcome } from "../../src/events/index.js";
import { judgeStream, timeStream } from "../../src/jobs/judge-stream.js";
import { end, failure, good, metrics, started, token } from "../events/support.js";
import { anyRequest, facts, streamOf } from "./support.js";

const cancelled = { ...failure, code: "CANCELLED", retriable: false };

describe("judgeStream()", () => {
  test.each([
    ["a good stream", good, { status: "ok", tokens: ["t0", "t1"], text: "t0t1", end: end() }],
    ["no token", [started, end({ tokens_out: 0 })], { status: "empty", end: { tokens_out: 0 } }],
    ["an error", [started, token(0), failure], { status: "worker-error", code: "VRAM_OOM", retriable: true }],
    ["a lone error", [failure], { status: "worker-error", code: "VRAM_OOM" }],
    [
      "the stop reason error",
      [started, token(0), end({ stop_reason: "error" })],
      { status: "worker-error", code: "error", retriable: false },
    ],
    ["error CANCELLED", [started, token(0), cancelled], { status: "cancelled" }],
    ["the stop reason cancelled", [started, token(0), end({ stop_reason: "cancelled" })], { status: "cancelled" }],
    ["no terminal event", [started, token(0)], { status: "truncated" }],
    ["a jump of the index", [started, token(1), end()], { status: "invalid-event" }],
    ["a jump before an error", [started, token(1), failure], { status: "invalid-event" }],
    ["a second end", [...good, end()], { status: "invalid-event" }],
    [
      "a jump before a cancelled end",
      [started, token(1), end({ stop_reason: "cancelled" })],
      { status: "invalid-event" },
    ],
    ["more tokens than tokens_out", [started, token(0), token(1), end({ tokens_out: 1 })], { status: "invalid-event" }],
  ])("%s", async (_, events, expected) => {
    const outcome = judgeStream(facts, await streamOf(events), anyRequest);

    expect(outcome).toMatchObject({ ...expected, index: 0, jobId: "job-1" });
    expect("message" in outcome && outcome.message !== "").toBe(expected.status !== "ok");
  });

  test.each<[StreamOutcome, object]>([
    [
      { status: "aborted", reason: "enough" },
      { status: "aborted", message: "it was aborted (enough)" },
    ],
    [
      { status: "limit-exceeded", limit: "totalMs", value: 5 },
      { status: "limit-exceeded", limit: "totalMs" },
    ],
    [
      { status: "transport-error", code: "ECONNRESET", byteOffset: 3, message: "reset", cause: "the cause" },
      { status: "transport-error", error: "the cause" },
    ],
    [{ status: "invalid-event", index: 1, reason: "no JSON", data: "{" }, { status: "invalid-event" }],
    [
      { status: "invalid-event", index: 0, reason: "another job", data: "", foreignJobId: "job-2" },
      { status: "cross-talk", otherJobId: "job-2" },
    ],
  ])("%o", async (outcome, expected) => {
    const stream: CollectedStream = { ...(await streamOf([started])), outcome };

    expect(judgeStream(facts, stream, anyRequest)).toMatchObject(expected);
  });
});

describe("timeStream()", () => {
  test("takes each time from the arrival of its event", async () => {
    const stream = await streamOf([started, metrics, token(0), metrics, token(1), metrics, end()]);
    const answered = { sentAtMs: 1, writtenAtMs: 2, headersAtMs: 5 };
    const timed = timeStream({ ...stream, arrivals: [10, 11, 12, 13, 14, 15, 16], endedAtMs: 17 }, answered);

    expect(timed).toEqual({
      sentAtMs: 1,
      writtenAtMs: 2,
      headersAtMs: 5,
      firstTokenAtMs: 12,
      lastTokenAtMs: 14,
      terminalAtMs: 16,
      closedAtMs: 17,
    });
  });

  test("has no time for what did not happen", async () => {
    const stream = await streamOf([started, metrics]);

    expect(timeStream({ ...stream, arrivals: [7, 8], endedAtMs: 9 }, { headersAtMs: 5 })).toEqual({
      headersAtMs: 5,
      closedAtMs: 9,
    });
  });
});
