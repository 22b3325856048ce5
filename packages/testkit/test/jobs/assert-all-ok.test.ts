import { describe, expect, test } from "vitest";
import { InvalidResponseError } from "../../src/errors/index.js";
import { assertAllOk, assertOutcomes } from "../../src/jobs/assert-all-ok.js";
import type { JobOutcome } from "../../src/jobs/job-outcome.js";
import { judgeError } from "../../src/jobs/judge-answer.js";
import { judgeStream } from "../../src/jobs/judge-stream.js";
import { failure, good, started, token } from "../events/support.js";
import { anyRequest, facts, streamOf } from "./support.js";

const ok = async (): Promise<JobOutcome> => judgeStream(facts, await streamOf(good), anyRequest);

const failureOf = (assert: () => void): string => {
  try {
    assert();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("Expected a failure");
};

test("passes when every job is ok", async () => {
  expect(() => assertAllOk([])).toThrow("got no outcomes");
  const outcomes = [await ok(), await ok()];
  expect(() => assertAllOk(outcomes)).not.toThrow();
});

test("fails for a single job that is not ok", async () => {
  const outcomes = [await ok(), judgeStream(facts, await streamOf([started, token(0)]), anyRequest)];

  expect(() => assertAllOk(outcomes)).toThrow("[NOT_ALL_OK] Expected every job to be ok, of 2 jobs: 1 ok, 1 truncated");
});

test("reports the counts and the first failures in full", async () => {
  const error = new InvalidResponseError({ message: "no stream", details: { url: "http://worker" } });
  const outcomes = [
    await ok(),
    judgeStream({ ...facts, index: 1 }, await streamOf([started, token(0), failure]), anyRequest),
    judgeError({ ...facts, index: 2, jobId: undefined }, error),
    judgeStream({ ...facts, index: 3, jobId: "job-4" }, await streamOf([started]), anyRequest),
    judgeStream({ ...facts, index: 4 }, await streamOf([]), anyRequest),
  ];

  expect(() => assertAllOk(outcomes)).toThrowErrorMatchingInlineSnapshot(`
    [AssertionFailedError: [NOT_ALL_OK] Expected every job to be ok, of 5 jobs: 1 ok, 1 worker-error, 1 invalid-event, 2 truncated
    [1] job "job-1" (correlation id 0b7c6a52-2f6e-4b3e-9d3c-7e1f2a3b4c5d) is worker-error: the worker ended it with VRAM_OOM: out of memory
        received 3 events (1 token, 273 bytes)
          started job_id="job-1" model="mock" seed=42
          token i=0 t="t0"
          error code=VRAM_OOM message="out of memory"
    [2] job without an id (correlation id 0b7c6a52-2f6e-4b3e-9d3c-7e1f2a3b4c5d) is invalid-event: [INVALID_RESPONSE] no stream
        hint: Does this address belong to a worker that speaks this protocol?
          url: http://worker
    [3] job "job-4" (correlation id 0b7c6a52-2f6e-4b3e-9d3c-7e1f2a3b4c5d) is truncated: it was closed without a terminal event
        received 1 event (0 tokens, 123 bytes)
          started job_id="job-1" model="mock" seed=42
    and 1 more
    hint: The first failures are listed; every outcome has its own message.
      byStatus: {"ok":1,"worker-error":1,"invalid-event":1,"truncated":2}]
  `);
});

test("shows three failures, and the last three events of each", async () => {
  const truncated = judgeStream(facts, await streamOf([started, token(0), token(1), token(2)]), anyRequest);
  const failed = judgeError(
    { ...facts, jobId: undefined, correlationId: undefined },
    new Error("refused\nby the proxy"),
  );

  expect(failureOf(() => assertAllOk([truncated, failed, failed]))).toContain(
    [
      "truncated: it was closed without a terminal event",
      "    received 4 events (3 tokens, 279 bytes)",
      '      token i=0 t="t0"',
      '      token i=1 t="t1"',
      '      token i=2 t="t2"',
      "[0] job without an id is transport-error: refused",
      "    by the proxy",
      "[0] job without an id is transport-error: refused",
      "    by the proxy",
      "hint:",
    ].join("\n"),
  );
});

test("anything other than a list of outcomes is rejected", () => {
  const expected = "Expected `outcomes` to be the outcomes of executeAll(), got a Promise (is an `await` missing?)";
  const promise = Promise.resolve([]) as unknown as JobOutcome[];

  expect(() => assertAllOk(promise)).toThrow(expected);
  expect(() => assertOutcomes(promise, {})).toThrow(expected);
});

describe("a job that should have been cancelled but completed", () => {
  const escaped = async (): Promise<JobOutcome> => {
    const stream = await streamOf(good);
    const reason = "the job had ended before";
    const cancel = { status: "too-late", stream, tokensBefore: 2, cancelState: undefined, reason } as const;
    return judgeStream({ ...facts, cancel }, stream, anyRequest);
  };

  test("is not ok for assertAllOk()", async () => {
    const outcomes = [await ok(), await escaped()];
    expect(() => assertAllOk(outcomes)).toThrow(
      "is ok: it should have been cancelled, but the cancellation was too-late: the job had ended before",
    );
  });

  test("does not count for assertOutcomes()", async () => {
    const outcomes = [await ok(), await escaped()];
    expect(() => assertOutcomes(outcomes, { ok: 2 })).toThrow("[OUTCOMES_MISMATCH] Expected 2 ok, of 2 jobs: 2 ok");
  });
});

describe("assertOutcomes()", () => {
  const mixed = async (): Promise<JobOutcome[]> => [
    await ok(),
    await ok(),
    judgeStream({ ...facts, index: 2 }, await streamOf([started, token(0), failure]), anyRequest),
  ];

  test("passes when every count matches", async () => {
    const outcomes = await mixed();
    expect(() => assertOutcomes(outcomes, { ok: 2, "worker-error": 1 })).not.toThrow();
    expect(() => assertOutcomes([], {})).not.toThrow();
  });

  test.each([
    [{ ok: 3 }, "Expected 3 ok, of 3 jobs: 2 ok, 1 worker-error"],
    [{ ok: 2 }, "Expected 2 ok, of 3 jobs: 2 ok, 1 worker-error"],
    [{ ok: 1, "worker-error": 1 }, "Expected 1 ok, 1 worker-error, of 3 jobs"],
    [{ ok: 2, "worker-error": 1, cancelled: 1 }, "Expected 2 ok, 1 worker-error, 1 cancelled, of 3 jobs"],
    [{}, "Expected no job, of 3 jobs"],
  ] as const)("fails for %j", async (expected, message) => {
    const outcomes = await mixed();
    expect(() => assertOutcomes(outcomes, expected)).toThrow(message);
  });

  test("reports the unexpected jobs", async () => {
    const outcomes = await mixed();
    expect(() => assertOutcomes(outcomes, { ok: 3 })).toThrow('[2] job "job-1"');
  });

  test("lists no jobs whose count matches, and none that are ok", async () => {
    const truncated = judgeStream({ ...facts, index: 3 }, await streamOf([started]), anyRequest);
    const outcomes = [...(await mixed()), truncated];
    const message = failureOf(() => assertOutcomes(outcomes, { ok: 1, "worker-error": 1 }));

    expect(message.match(/^\[\d\]/gm)).toEqual(["[3]"]);
  });

  test("accepts a job that was cancelled, as expected", async () => {
    const stream = await streamOf([started, { ...failure, code: "CANCELLED" }]);
    const cancel = { status: "cancelled", by: "request", stream, tokensBefore: 0, cancelState: "cancelling" } as const;
    const outcome = judgeStream(
      { ...facts, cancel: { ...cancel, latencyMs: 1, tokensAfterCancel: 0 } },
      stream,
      anyRequest,
    );

    expect(() => assertOutcomes([outcome], { cancelled: 1 })).not.toThrow();
  });

  test("rejects an unknown status and an invalid count", () => {
    const expected = { fine: 1 } as object;
    expect(() => assertOutcomes([], expected)).toThrow("`fine`");
    expect(() => assertOutcomes([], { ok: -1 })).toThrow("Expected `expected.ok` to be a whole number");
  });
});
