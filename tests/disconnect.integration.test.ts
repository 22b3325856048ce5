import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  assertSuccessfulCompletion,
  collectStream,
  disconnectAfter,
  extractTokens,
  isTestkitError,
  waitForIdle,
  WorkerClient,
  WorkerTestHarness,
  type DisconnectAfterOptions,
  type JobTarget,
} from "inference-testkit";
import { rejectionOf, waitFor } from "./support/conditions.js";
import { describeEngines, useWorker } from "./support/engines.js";
import { complete, makeRequest } from "./support/jobs.js";
import { CYCLES, LONG, MEMORY_MARGIN_BYTES, SOON_MS } from "./support/limits.js";
import { openFileCount, residentBytes } from "./support/process-figures.js";
import { SlowReader } from "./support/slow-reader.js";
import { createTemporaryFolder } from "./support/temporary-folder.js";

const SLOW_MS = 60_000;

describeEngines((engine) => {
  const worker = useWorker(() => engine.startSlow({ contextSize: 2200, maxQueue: 10 }));
  const long = () => makeRequest({ max_tokens: LONG });

  describe.each(["reset", "close"] as const)("%s", (how) => {
    test("the client disappears in the middle and the slot is free again", async () => {
      const reference = await complete(worker(), { max_tokens: 10 });

      const gone = await worker().disconnectAfter(long(), { tokens: 3, how });

      expect(gone.tokens.length).toBeGreaterThanOrEqual(3);
      expect(gone.tokens.length).toBeLessThan(LONG);
      expect(gone.events[0]).toMatchObject({ type: "started" });
      await waitForIdle(worker(), { timeoutMs: SOON_MS });
      expect((await complete(worker(), { max_tokens: 10 })).tokens).toEqual(reference.tokens);
    });

    test("before the first token", async () => {
      const gone = await worker().disconnectAfter(long(), { tokens: 0, how });

      expect(gone.tokens).toEqual([]);
      await waitForIdle(worker(), { timeoutMs: SOON_MS });
    });

    test("while queued: the job never runs", async () => {
      const request = long();
      const running = worker().executeAll([request]);
      await waitFor("a busy slot", async () => (await worker().health()).slots.busy === 1 || undefined);
      const queued = long();

      await worker().disconnectAfter(queued, { tokens: 0, how });

      await waitFor("an empty queue", async () => (await worker().health()).slots.queued === 0 || undefined);
      expect(await worker().cancel(request.job_id)).toMatchObject({ state: "cancelling" });
      expect(await running).toMatchObject([{ status: "cancelled" }]);
      await waitForIdle(worker(), { timeoutMs: SOON_MS });
      const started = worker()
        .logs.tail(20)
        .filter((line) => line.includes("execute_start"));
      expect(started.some((line) => line.includes(`"${queued.job_id}"`))).toBe(false);
    });

    test("50 times: no slot, file descriptor or memory is left behind", { timeout: SLOW_MS }, async () => {
      const { pid } = worker();
      const disappear = (tokens: number) => worker().disconnectAfter(long(), { tokens, how });
      for (let warmUp = 0; warmUp < 5; warmUp++) await disappear(warmUp);
      await waitForIdle(worker());
      const filesBefore = openFileCount(pid!);
      const memoryBefore = residentBytes(pid!);

      for (let cycle = 0; cycle < CYCLES; cycle++) {
        await disappear(cycle % 4);
        await waitForIdle(worker());
      }

      await waitFor("as few open files as before", () => openFileCount(pid!) <= filesBefore || undefined);
      expect(residentBytes(pid!) - memoryBefore).toBeLessThan(MEMORY_MARGIN_BYTES);
      await complete(worker(), { max_tokens: 5 });
    });

    test("as a plan of executeAll()", async () => {
      const plan = { request: long(), disconnectAfter: { tokens: 3, how } };
      const tooLate = { request: makeRequest({ max_tokens: 2 }), disconnectAfter: { tokens: 3, how } };

      const outcomes = await worker().executeAll([plan, makeRequest(), tooLate]);

      expect(outcomes).toMatchObject([{ status: "aborted" }, { status: "ok" }, { status: "ok" }]);
      expect(outcomes[2]!.disconnect).toBeUndefined();
      expect(outcomes[0]!.disconnect!.tokens.length).toBeGreaterThanOrEqual(3);
      await waitForIdle(worker());
    });
  });

  test("a reader of one byte every 10 ms gets everything in order", async () => {
    const request = makeRequest({ max_tokens: 6 });
    const expected = await complete(worker(), { max_tokens: 6 });
    using reader = await SlowReader.execute(worker().port, request);

    const stream = await collectStream(reader.body(10));

    assertSuccessfulCompletion(stream);
    expect(extractTokens(stream)).toEqual(expected.tokens);
  });

  test("a client that does not read at all can be cancelled", async () => {
    const request = long();
    using reader = await SlowReader.execute(worker().port, request);
    await waitFor("a busy slot", async () => (await worker().health()).slots.busy === 1 || undefined);

    await worker().cancel(request.job_id);

    await waitForIdle(worker(), { timeoutMs: SOON_MS });
    const { events } = await collectStream(reader.body(0));
    expect(events.at(-1)).toMatchObject({ type: "error", code: "CANCELLED" });
  });
});

describe("clients that read nothing, and a worker that writes a lot", { timeout: SLOW_MS }, () => {
  const READERS = 8;
  const TOKEN = "x".repeat(16 * 1024);
  const TOKENS = 2000;

  test("its memory stays bounded, other jobs keep running, and a cancellation frees a stalled slot", async () => {
    await using folder = await createTemporaryFolder();
    const config = join(folder.path, "stub.json");
    await writeFile(config, JSON.stringify({ content: { script: Array(TOKENS).fill(TOKEN) } }));
    await using worker = await WorkerTestHarness.startMock({
      parallel: READERS + 1,
      args: ["--stub-config", config],
      readyTimeoutMs: 30_000,
    });
    await complete(worker, { max_tokens: TOKENS });
    const memoryBefore = residentBytes(worker.pid!);
    const generated = async () => (await worker.metrics()).value("worker_tokens_generated_total") ?? 0;

    const requests = Array.from({ length: READERS }, () => makeRequest({ max_tokens: TOKENS }));
    const readers = await Promise.all(requests.map((request) => SlowReader.execute(worker.port, request)));
    onTestFinished(() => readers.forEach((reader) => reader[Symbol.dispose]()));
    await waitFor("all jobs to stall", async () => {
      const before = await generated();
      await new Promise((resolve) => setTimeout(resolve, 200));
      return ((await worker.health()).slots.busy === READERS && (await generated()) === before) || undefined;
    });
    const memoryWhileStalled = residentBytes(worker.pid!);
    const others = await worker.executeAll(
      Array.from({ length: 20 }, () => makeRequest({ max_tokens: 50 })),
      { concurrency: 1 },
    );
    const stillStalled = (await worker.health()).slots.busy;
    for (const { job_id } of requests) await worker.cancel(job_id);
    await waitForIdle(worker, { timeoutMs: SOON_MS });

    // Without a bound it would be 8 × 32 MB.
    expect(memoryWhileStalled - memoryBefore).toBeLessThan(MEMORY_MARGIN_BYTES);
    expect(others.map(({ status }) => status)).toEqual(Array(20).fill("ok"));
    expect(stillStalled).toBe(READERS);
  });
});

describe("disconnectAfter() and waitForIdle() themselves", () => {
  const worker = useWorker(() => WorkerTestHarness.startMock({ stub: { timing: { itlMs: 10 } } }));

  test("with its own client", async () => {
    const client = new WorkerClient({ baseUrl: worker().baseUrl });
    const request = makeRequest({ max_tokens: LONG });

    const gone = await disconnectAfter(client, request, { tokens: 2, how: "close" });

    expect(gone.closedAtMs).toBeGreaterThanOrEqual(gone.disconnectedAtMs);
    await waitForIdle(client);
    await client.close();
  });

  test("a stream that ends first is an error", async () => {
    const error = await rejectionOf(
      worker().disconnectAfter(makeRequest({ max_tokens: 2 }), { tokens: 3, how: "reset" }),
    );

    expect(isTestkitError(error, "DISCONNECT_TOO_LATE")).toBe(true);
    expect(error.message).toContain("after 3 tokens, but the stream ended after 4 events (2 tokens");
  });

  test("a refusal is thrown", async () => {
    await expect(worker().disconnectAfter({}, { tokens: 1, how: "reset" })).rejects.toThrow("[HTTP_FAILED]");
  });

  test("a signal aborts with STREAM_ABORTED", async () => {
    const request = makeRequest({ max_tokens: LONG });
    const signal = AbortSignal.timeout(50);

    const error = await rejectionOf(worker().disconnectAfter(request, { tokens: LONG, how: "reset", signal }));

    expect(isTestkitError(error, "STREAM_ABORTED")).toBe(true);
    await waitForIdle(worker());
  });

  test.each<[string, object]>([
    ["`tokens`", { tokens: -1, how: "reset" }],
    ["`tokens`", { how: "reset" }],
    ["`how`", { tokens: 1 }],
    ["`how`", { tokens: 1, how: "politely" }],
    ["`when`", { tokens: 1, how: "reset", when: 1 }],
    ["`timeouts.totalMs`", { tokens: 1, how: "reset", timeouts: { totalMs: 0 } }],
  ])("%s: an invalid option is rejected", async (named, options) => {
    const error = await rejectionOf(worker().disconnectAfter(makeRequest(), options as DisconnectAfterOptions));

    expect(error.message).toContain("[INVALID_OPTION]");
    expect(error.message).toContain(named);
  });

  test("a response that shares its connection cannot be disconnected", async () => {
    const response = await worker().execute(makeRequest({ max_tokens: LONG }));

    await expect(response.disconnect("reset")).rejects.toThrow("`dedicatedConnection: true`");
    response.abort();
  });

  test("a target without dedicated connections is reported", async () => {
    const target: JobTarget = {
      execute: (request) => worker().execute(request),
      cancel: (jobId) => worker().cancel(jobId),
      health: () => worker().health(),
    };

    const disappearing = disconnectAfter(target, makeRequest({ max_tokens: LONG }), { tokens: 1, how: "reset" });

    await expect(disappearing).rejects.toThrow("`dedicatedConnection: true`");
    await waitForIdle(target);
  });

  test("stop() also closes dedicated connections", async () => {
    const mock = await WorkerTestHarness.startMock({ stub: { timing: { itlMs: 10 } } });
    const response = await mock.execute(makeRequest({ max_tokens: LONG }), { dedicatedConnection: true });
    const reading = collectStream(response);
    await mock.stop();

    expect((await reading).outcome.status).not.toBe("complete");
  });

  test("waitForIdle() names the slots that stay busy", async () => {
    await using hanging = await WorkerTestHarness.startMock({
      stub: { faults: [{ id: "hang", at: { afterTokens: 1 } }] },
    });
    const response = await hanging.execute(makeRequest());

    const error = await rejectionOf(waitForIdle(hanging, { timeoutMs: 50 }));
    const aborted = await rejectionOf(waitForIdle(hanging, { signal: AbortSignal.timeout(50) }));
    response.abort();

    expect(isTestkitError(error, "IDLE_TIMEOUT")).toBe(true);
    expect(error.message).toContain("1 of 1 slots are still busy, and 0 jobs are queued");
    expect(isTestkitError(aborted, "STREAM_ABORTED")).toBe(true);
    expect((await waitForIdle(hanging)).waitedMs).toBeGreaterThanOrEqual(0);
  });

  test("waitForIdle() also waits for the queue", async () => {
    const queued = [2, 1, 0];
    const health = { ...(await worker().health()), slots: { total: 1, busy: 0, queued: 0 } };
    const target = {
      execute: worker().execute.bind(worker()),
      cancel: worker().cancel.bind(worker()),
      health: () => Promise.resolve({ ...health, slots: { ...health.slots, queued: queued.shift() ?? 0 } }),
    };

    await waitForIdle(target);

    expect(queued).toEqual([]);
  });

  test("waitForIdle() does not wait longer for a worker that does not answer", async () => {
    await using silent = await WorkerTestHarness.startMock({ stub: { faults: [{ id: "hangs", when: { nth: 2 } }] } });
    const startedAt = performance.now();

    const error = await rejectionOf(waitForIdle(silent, { timeoutMs: 100 }));

    expect(isTestkitError(error, "IDLE_TIMEOUT")).toBe(true);
    expect(error.message).toContain("after 100 ms the worker does not answer `/health` completely");
    expect(performance.now() - startedAt).toBeLessThan(10_000); // the limit of the headers is 30 s
  });

  test.each([{ timeoutMs: 0 }, { timeout: 1 }])("waitForIdle() rejects %o", async (options) => {
    await expect(waitForIdle(worker(), options)).rejects.toThrow("[INVALID_OPTION]");
  });
});
