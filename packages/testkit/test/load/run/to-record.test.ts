import { describe, expect, test } from "vitest";
import { StreamError } from "../../../src/errors/index.js";
import type { JobOutcome } from "../../../src/jobs/index.js";
import { judgeError } from "../../../src/jobs/judge-answer.js";
import { judgeStream, timeStream } from "../../../src/jobs/judge-stream.js";
import { contentArrivals, toRecord } from "../../../src/load/run/to-record.js";
import { end, failure, metrics, started, token } from "../../events/support.js";
import { facts, streamOf } from "../../jobs/support.js";

const planned = { index: 7, stage: 2, client: 3, schedAtMs: 1_010 };
const answered = { sentAtMs: 1_011, writtenAtMs: 1_012.3456, headersAtMs: 1_020 };

const EMPTY = "(no text)";

/** A job whose events arrive at these times. */
function outcomeOf(...events: readonly (readonly [Parameters<typeof streamOf>[0][number], number])[]) {
  return answerTo({ prompt: "Hello" }, ...events);
}

async function answerTo(
  request: Readonly<Record<string, unknown>>,
  ...events: readonly (readonly [Parameters<typeof streamOf>[0][number], number])[]
) {
  const read = await streamOf(events.map(([event]) => event));
  // Another dialect may give an event without text, which this project's own protocol does not have.
  const emptied = read.events.map((event) =>
    event.type === "token" && event.t === EMPTY ? { ...event, t: "" } : event,
  );
  const stream = { ...read, events: emptied, arrivals: events.map(([, atMs]) => atMs), endedAtMs: 1_200 };
  return judgeStream({ ...facts, timings: timeStream(stream, answered) }, stream, { request, dialect: undefined });
}

const good = () =>
  outcomeOf(
    [started, 1_021],
    [token(0, EMPTY), 1_030],
    [token(1), 1_050],
    [metrics, 1_055],
    [token(2), 1_060.0004],
    [token(3), 1_100],
    [token(4), 1_110],
    [end({ tokens_out: 9 }), 1_150],
  );

test("a request that is ok has all its times, from the start of the phase and to the microsecond", async () => {
  expect(toRecord(await good(), planned, 1_000)).toEqual({
    index: 7,
    jobId: "job-1",
    status: "ok",
    stage: 2,
    client: 3,
    schedMs: 10,
    handOverMs: 11,
    sendMs: 12.346,
    headersMs: 20,
    firstMs: 50,
    lastMs: 110,
    terminalMs: 150,
    closeMs: 200,
    tokensOut: 9,
    contentEventCount: 4,
    longestStallMs: 40,
    decodeMs: 5,
  });
});

test("content is the events with text, regardless of the others", async () => {
  const { stream } = await good();

  expect(contentArrivals(stream!)).toEqual([1_050, 1_060.0004, 1_100, 1_110]);
});

test("a tool call is content", async () => {
  const { stream } = await good();
  const call = { type: "tool_call" } as unknown as (typeof stream & object)["events"][number];

  expect(contentArrivals({ ...stream!, events: [call], arrivals: [1_030] })).toEqual([1_030]);
});

test("an estimated number of tokens is not the worker's own", async () => {
  const outcome = await good();
  const stream = { ...outcome.stream!, terminal: { ...outcome.stream!.terminal!, tokens_out_estimated: true } };

  expect(toRecord({ ...outcome, stream } as JobOutcome, planned, 1_000).tokensOut).toBeNull();
});

test("one content event has no stall, and an error event no tokens", async () => {
  const outcome = await outcomeOf([started, 1_021], [token(0), 1_030], [failure, 1_040]);

  expect(toRecord(outcome, planned, 1_000)).toMatchObject({
    status: "worker-error",
    firstMs: 30,
    lastMs: 30,
    longestStallMs: null,
    tokensOut: null,
    terminalMs: 40,
  });
});

test("a request that was not honored has the ignored fields as its code", async () => {
  const outcome = await answerTo({ max_tokens: 1, seed: 7 }, [started, 1_021], [token(0), 1_030], [end(), 1_040]);

  expect(toRecord(outcome, planned, 1_000)).toMatchObject({
    status: "not-as-requested",
    code: "max_tokens, seed",
    message: "`max_tokens` is 1, but `tokens_out` is 2; `seed` is 7, but `started` reports 42",
  });
});

describe("fields of what did not happen are null", () => {
  test("for an unanswered request, which was sent when it was handed over", () => {
    const timings = { sentAtMs: 1_011, closedAtMs: 1_200 };
    const outcome = judgeError({ ...facts, timings, jobId: undefined }, new Error("refused"));

    expect(toRecord(outcome, planned, 1_000)).toEqual({
      index: 7,
      jobId: null,
      status: "transport-error",
      stage: 2,
      client: 3,
      schedMs: 10,
      handOverMs: 11,
      sendMs: 11,
      headersMs: null,
      firstMs: null,
      lastMs: null,
      terminalMs: null,
      closeMs: 200,
      tokensOut: null,
      contentEventCount: 0,
      longestStallMs: null,
      message: "refused",
    });
  });

  test("for a request that was never handed over, whose end is used for both times", () => {
    const outcome = judgeError({ ...facts, timings: { closedAtMs: 1_200 } }, new Error("refused"));

    expect(toRecord(outcome, planned, 1_000)).toMatchObject({ handOverMs: 200, sendMs: 200, closeMs: 200 });
  });
});

describe("why it failed", () => {
  const reasonOf = (outcome: JobOutcome) => {
    const { httpStatus, code, message } = toRecord(outcome, planned, 1_000);
    return { httpStatus, code, message };
  };
  const refused = { ...facts, status: "http-error", httpStatus: 503, body: "", message: "busy" } as const;

  test("an HTTP status, with the code of the worker if it has one", () => {
    const withCode: JobOutcome = { ...refused, code: "QUEUE_FULL", retryAfterSeconds: undefined };
    const without: JobOutcome = { ...refused, code: undefined, retryAfterSeconds: undefined };

    expect(reasonOf(withCode)).toEqual({ httpStatus: 503, code: "QUEUE_FULL", message: "busy" });
    expect(toRecord(without, planned, 0)).not.toHaveProperty("code");
    expect(reasonOf(without)).toEqual({ httpStatus: 503, code: undefined, message: "busy" });
  });

  test("the code of an error event, and the name of a limit", async () => {
    const limit = judgeError(facts, new StreamError("LIMIT_HEADERS", { message: "no headers" }));

    expect(reasonOf(await outcomeOf([failure, 1_030]))).toMatchObject({
      code: "VRAM_OOM",
      message: expect.stringContaining("out of memory") as string,
    });
    expect(reasonOf(limit)).toMatchObject({
      code: "headersMs",
      message: expect.stringContaining("no headers") as string,
    });
  });

  test("any other reason as text, at most 200 characters", async () => {
    const long = judgeError(facts, new Error("x".repeat(500)));

    expect(reasonOf(long)).toEqual({ httpStatus: undefined, code: undefined, message: "x".repeat(200) });
    expect(reasonOf(await outcomeOf([started, 1_030]))).toMatchObject({
      message: "it was closed without a terminal event",
    });
  });
});
