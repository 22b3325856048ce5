import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { orcd } from "../../src/dialects/index.js";
import { cancelAfter } from "../../src/jobs/index.js";
import { end, errorOf, messageOf, started, token } from "../events/support.js";
import { answerCancel, cancelledError, serveJobs, type ReceivedJob } from "./job-server.js";

const request = { job_id: "job-1", prompt: "Hello" };
const run = (job: ReceivedJob) => job.send(started, token(0), token(1), token(2));

test("cancels the job when the tokens have arrived, and reads the rest", async () => {
  const { client, cancelled } = await serveJobs(run, {
    onCancel: (job, response) => {
      answerCancel(job, response, "cancelling");
      job.finish(token(3), cancelledError);
    },
  });
  const response = await client.execute(request);

  const result = await cancelAfter(response, { tokens: 3 });

  expect(cancelled).toEqual(["job-1"]);
  expect(result).toMatchObject({
    status: "cancelled",
    tokensBefore: 3,
    tokensAfterCancel: 1,
    cancelState: "cancelling",
    stream: { events: { length: 6 } },
  });
  expect("latencyMs" in result && result.latencyMs).toBeGreaterThan(0);
});

test("cancels the job when its time is up, however few tokens have arrived", async () => {
  const { client, cancelled } = await serveJobs((job) => job.send(started));
  const response = await client.execute(request);

  const result = await cancelAfter(response, { ms: 20 });

  expect(cancelled).toEqual(["job-1"]);
  expect(result).toMatchObject({ status: "cancelled", tokensBefore: 0 });
  expect(performance.now() - response.sentAtMs).toBeGreaterThanOrEqual(20);
});

test("a job that ends before the trigger is too late, and is not cancelled", async () => {
  const { client, cancelled } = await serveJobs((job) => job.finish(started, token(0), end({ tokens_out: 1 })));

  const result = await cancelAfter(await client.execute(request), { ms: 60_000 });

  expect(result).toMatchObject({ status: "too-late", tokensBefore: 1, cancelState: undefined });
  expect(cancelled).toEqual([]);
});

describe("timeoutMs", () => {
  test("cuts a job that continues after its cancellation", async () => {
    const { client, jobs } = await serveJobs(run, {
      onCancel: (job, answer) => answerCancel(job, answer, "cancelling"),
    });

    const result = await cancelAfter(await client.execute(request), { tokens: 1 }, { timeoutMs: 50 });
    await jobs[0]!.gone;

    expect(result).toMatchObject({
      status: "ignored",
      cancelState: "cancelling",
      reason: "the job had not ended 50 ms after the cancellation",
      stream: { outcome: { status: "aborted", reason: "the job had not ended 50 ms after its cancellation" } },
    });
  });

  test("`Infinity` disables it: the job ends on its own", async () => {
    const { client } = await serveJobs(run, {
      onCancel: (job, response) => {
        answerCancel(job, response, "cancelling");
        void sleep(20).then(() => job.finish(cancelledError));
      },
    });

    const result = await cancelAfter(await client.execute(request), { tokens: 1 }, { timeoutMs: Infinity });

    expect(result).toMatchObject({ status: "cancelled" });
  });

  test("also applies to the response of the cancellation", async () => {
    const { client } = await serveJobs(run, { onCancel: (job) => job.finish(cancelledError) });

    const result = await cancelAfter(await client.execute(request), { tokens: 1 }, { timeoutMs: 50 });

    expect(result).toMatchObject({ status: "ignored", cancelState: undefined, error: { code: "LIMIT_HEADERS" } });
  });
});

test("a rejected cancellation counts as ignored, with the reason", async () => {
  const { client } = await serveJobs(run, {
    onCancel: (job, response) => {
      response.writeHead(500).end("no");
      job.finish(end({ tokens_out: 3 }));
    },
  });

  const result = await cancelAfter(await client.execute(request), { tokens: 1 });

  expect(result).toMatchObject({ status: "ignored", cancelState: undefined, error: { code: "HTTP_FAILED" } });
  expect("reason" in result && result.reason).toMatch(/^the cancellation failed: \[HTTP_FAILED\] .* answered 500: no$/);
});

test("the timeouts for reading the stream end a job that stalls", async () => {
  const { client, cancelled } = await serveJobs((job) => job.send(started, token(0)));

  const result = await cancelAfter(await client.execute(request), { tokens: 9 }, { timeouts: { tokenIdleMs: 20 } });

  expect(result.stream.outcome).toMatchObject({ status: "limit-exceeded", limit: "tokenIdleMs" });
  expect(cancelled).toEqual([]);
});

describe("signal", () => {
  test("STREAM_ABORTED: the connection is cut, and the job is not cancelled", async () => {
    const stop = new AbortController();
    const { client, cancelled, jobs } = await serveJobs((job) => {
      run(job);
      setImmediate(() => stop.abort("enough"));
    });

    const error = await errorOf(cancelAfter(await client.execute(request), { ms: 60_000 }, { signal: stop.signal }));
    await jobs[0]!.gone;

    expect(error).toMatchObject({ code: "STREAM_ABORTED", cause: "enough" });
    expect(error.message).toContain("cancelAfter() was aborted while it read");
    expect(cancelled).toEqual([]);
  });

  test("after the end of the stream it has no effect", async () => {
    const stop = new AbortController();
    const { client } = await serveJobs(run, {
      onCancel: (job, response) => {
        job.finish(cancelledError);
        job.response.once("close", () => {
          answerCancel(job, response, "cancelling");
        });
      },
    });

    const result = await cancelAfter(await client.execute(request), { tokens: 1 }, { signal: stop.signal });
    stop.abort();

    expect(result.status).toBe("cancelled");
  });
});

describe("INVALID_OPTION", () => {
  test("a response without a job id, or something other than a response", async () => {
    const { client } = await serveJobs((job) => job.finish(started));
    const message = "Expected `response` to be the answer of execute() to a request that has a `job_id`, got `";

    expect(await messageOf(cancelAfter(await client.execute({}), { tokens: 1 }))).toContain(message);
    expect(await messageOf(cancelAfter(undefined as never, { tokens: 1 }))).toContain(message);
  });

  test("an invalid trigger or option", async () => {
    const { client } = await serveJobs((job) => job.finish(started));
    const response = await client.execute(request);

    expect(await messageOf(cancelAfter(response, {} as never))).toContain("Expected `trigger` to be");
    expect(await messageOf(cancelAfter(response, { tokens: 1 }, { timeoutMs: -1 }))).toContain("`timeoutMs`");
  });
});

test("a dialect without a cancel request disconnects instead", async () => {
  const { cancel: _, ...dialect } = orcd;
  const { client, cancelled, jobs } = await serveJobs(run, { dialect: { ...dialect, name: "tiny" } });

  const result = await cancelAfter(await client.execute(request), { tokens: 3 });
  await jobs[0]!.gone;

  expect(result).toMatchObject({ status: "cancelled", by: "disconnect", tokensBefore: 3 });
  expect(cancelled).toEqual([]);
});
