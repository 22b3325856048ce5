import { describe, expect, test } from "vitest";
import {
  assertAllOk,
  executeAll,
  findFreePort,
  WorkerClient,
  WorkerTestHarness,
  type StubConfigInput,
} from "inference-testkit";
import { waitFor } from "./support/conditions.js";
import { stubEngine, useWorker } from "./support/engines.js";
import { foreignWorker, jobWorker } from "./support/foreign.js";
import { makeRequest, makeRequests, statusesOf } from "./support/jobs.js";
import { LONG } from "./support/limits.js";

describe("outcomes of jobs that fail", () => {
  const worker = useWorker(() => WorkerTestHarness.launch(foreignWorker()));
  const jobsWorker = useWorker(() => WorkerTestHarness.launch(jobWorker()));

  test.each([
    ["complete", { status: "ok", text: "t0 t1 ", tokens: ["t0 ", "t1 "] }],
    ["truncated", { status: "truncated", message: "it was closed without a terminal event" }],
    ["reset", { status: "transport-error" }],
    ["half-closed", { status: "transport-error" }],
    ["unknown-type", { status: "invalid-event" }],
    ["not-json", { status: "invalid-event" }],
    ["html", { status: "invalid-event" }],
    ["index-jumps", { status: "invalid-event" }],
    ["second-end", { status: "invalid-event" }],
    ["no-started", { status: "invalid-event" }],
    ["other-job", { status: "cross-talk", otherJobId: "somebody else's" }],
    ["teapot", { status: "http-error", httpStatus: 418, body: "short and stout", retryAfterSeconds: undefined }],
  ])("%s", async (prompt, expected) => {
    const [outcome] = await worker().executeAll([makeRequest({ prompt })]);

    expect(outcome).toMatchObject(expected);
    if (outcome!.status !== "ok") expect(outcome!.message).not.toBe("");
  });

  test("a stalled job exceeds the limit of its plan", async () => {
    const plan = { request: makeRequest({ prompt: "stalls" }), timeouts: { tokenIdleMs: 50 } };
    const [outcome] = await worker().executeAll([plan]);

    expect(outcome).toMatchObject({ status: "limit-exceeded", limit: "tokenIdleMs" });
    expect(outcome!.stream!.events).toHaveLength(3);
  });

  test.each([
    ["no token", { status: "empty", end: { tokens_out: 0 } }],
    ["ends with the stop reason error", { status: "worker-error", code: "error", retriable: false }],
    ["busy", { status: "http-error", httpStatus: 503, body: "<h1>busy</h1>", code: undefined }],
  ])("%s", async (prompt, expected) => {
    const [outcome] = await jobsWorker().executeAll([makeRequest({ prompt })]);

    expect(outcome).toMatchObject(expected);
  });

  test("a date in `retry-after` becomes seconds", async () => {
    const [outcome] = await jobsWorker().executeAll([makeRequest({ prompt: "busy" })]);

    const { retryAfterSeconds } = outcome as { retryAfterSeconds?: number };
    expect(retryAfterSeconds).toBeGreaterThan(20);
    expect(retryAfterSeconds).toBeLessThanOrEqual(60);
  });

  test("a full queue, a duplicate id and an invalid body are HTTP errors; the others are ok", async () => {
    await using mock = await stubEngine.startSlow({ maxQueue: 1 });
    const [first, second] = makeRequests(2, { max_tokens: LONG });
    const stop = new AbortController();
    const running = mock.executeAll([first!, second!], { signal: stop.signal });
    await waitFor("a queued job", async () => (await mock.health()).slots.queued === 1 || undefined);

    const outcomes = await mock.executeAll([makeRequest(), first!, {}, makeRequest({ max_tokens: 0 })]);

    expect(outcomes).toMatchObject([
      { status: "http-error", httpStatus: 503, code: "QUEUE_FULL", retryAfterSeconds: 1 },
      { status: "http-error", httpStatus: 409, code: "DUPLICATE_JOB" },
      { status: "http-error", httpStatus: 400, code: undefined },
      { status: "http-error", httpStatus: 400, jobId: expect.any(String) as string },
    ]);
    stop.abort();
    expect(statusesOf(await running)).toEqual(["aborted", "aborted"]);
  });

  test("an engine error is a worker error of that job only", async () => {
    const stub: StubConfigInput = { faults: [{ id: "vram-oom", at: { afterTokens: 5 } }] };
    await using mock = await WorkerTestHarness.startMock({ parallel: 2, stub });

    const outcomes = await mock.executeAll([makeRequest({ max_tokens: 4 }), makeRequest({ max_tokens: 6 })]);

    expect(outcomes).toMatchObject([{ status: "ok" }, { status: "worker-error", code: "VRAM_OOM", retriable: true }]);
  });

  test("a worker that dies ends every job as a transport error, before and after the headers", async () => {
    await using mortal = await WorkerTestHarness.launch(foreignWorker());
    const plans = ["stalls", "silent", "dies-mid-stream"].map((prompt) => makeRequest({ prompt }));
    const outcomes = await mortal.executeAll(plans);
    const after = await mortal.executeAll([makeRequest()]);

    expect(statusesOf(outcomes)).toEqual(Array(3).fill("transport-error"));
    expect(after).toMatchObject([{ status: "transport-error", error: { code: "PROCESS_DIED" }, timings: {} }]);
    expect(await mortal.waitForExit()).toEqual({ kind: "signalled", signal: "SIGSEGV" });
  });

  test("a closed port is a transport error", async () => {
    const free = await findFreePort();
    const client = new WorkerClient({ baseUrl: `http://127.0.0.1:${free.port}` });
    const outcomes = await executeAll(client, makeRequests(3));
    await client.close();
    free.release();

    expect(statusesOf(outcomes)).toEqual(Array(3).fill("transport-error"));
    expect(outcomes[0]).toMatchObject({ error: { code: "CONNECT_FAILED" } });
  });
});

describe("cross-talk", () => {
  const worker = useWorker(() => WorkerTestHarness.launch(jobWorker()));
  const pair = (prompt: string) => [makeRequest({ prompt }), makeRequest({ prompt })] as const;

  test.each(["swap ids", "swap correlation ids"])("%s", async (prompt) => {
    const [first, second] = pair(prompt);

    const outcomes = await worker().executeAll([first, second]);

    expect(outcomes).toMatchObject([
      { status: "cross-talk", jobId: first.job_id, otherJobId: second.job_id },
      { status: "cross-talk", jobId: second.job_id, otherJobId: first.job_id },
    ]);
    for (const outcome of outcomes) expect((outcome as { message: string }).message).toContain(first.job_id);
  });

  test("swapped texts are found by their nonces", async () => {
    const [first, second] = pair("swap texts");

    const outcomes = await worker().executeAll([first, second], { nonces: true });

    expect(outcomes).toMatchObject([
      { status: "cross-talk", jobId: first.job_id, otherJobId: second.job_id },
      { status: "cross-talk", jobId: second.job_id, otherJobId: first.job_id },
    ]);
  });

  test("without nonces they are not detected", async () => {
    expect(statusesOf(await worker().executeAll(pair("swap texts")))).toEqual(["ok", "ok"]);
  });

  test("a worker that repeats each prompt to its own client is ok with nonces", async () => {
    await using mock = await WorkerTestHarness.startMock({ parallel: 8, stub: { content: "echo" } });

    const outcomes = await mock.executeAll(makeRequests(50, { prompt: "say", max_tokens: 2 }), { nonces: true });

    assertAllOk(outcomes);
    for (const { text } of outcomes) expect(text).toMatch(/^say nonce-[0-9a-f]{16}$/);
    expect(new Set(outcomes.map(({ text }) => text)).size).toBe(50);
  });

  test("a correlation id in the plan is sent unchanged", async () => {
    await using mock = await WorkerTestHarness.startMock();
    const id = "0b7c6a52-2f6e-4b3e-9d3c-7e1f2a3b4c5d";

    const [outcome] = await mock.executeAll([{ request: makeRequest(), headers: { "X-Correlation-ID": id } }]);

    expect(outcome).toMatchObject({ status: "ok", correlationId: id });
    await mock.logs.waitFor(new RegExp(id));
  });
});
