import { describe, expect, test } from "vitest";
import { collectStream, extractText, streamEvents, TestModel, WorkerTestHarness } from "inference-testkit";
import { waitFor } from "./support/conditions.js";
import { describeEngines, llamaEngine, startLlama, useWorker } from "./support/engines.js";
import { collect, complete, makeRequest } from "./support/jobs.js";

const SLOTS = 4;

describeEngines((engine) => {
  const worker = useWorker(() => engine.startSlow({ parallel: SLOTS, contextSize: 2200, maxQueue: 2 }));
  const slots = async () => (await worker().health()).slots;
  const idle = () => waitFor("idle worker", async () => (await slots()).busy === 0 || undefined);

  test("jobs on all slots complete, each with its own output", async () => {
    const jobs = Array.from({ length: SLOTS }, (_, index) => ({
      prompt: `Story ${index}: once upon a time`,
      max_tokens: 30,
      temperature: 0,
    }));
    const alone = [];
    for (const job of jobs) alone.push(await complete(worker(), job));

    const together = await Promise.all(jobs.map((job) => complete(worker(), job)));

    for (const [index, { tokens, end }] of together.entries()) {
      expect(end).toMatchObject({ tokens_out: alone[index]?.end.tokens_out, stop_reason: "max_tokens" });
      // A common batch may change the rounding, and a later token with it; the beginning shows whose output it is.
      expect(tokens.slice(0, 3)).toEqual(alone[index]?.tokens.slice(0, 3));
    }
    expect(new Set(alone.map(({ text }) => text)).size).toBe(SLOTS);
  });

  test("health and metrics count slots and queue; a full queue is 503, and the queue is served in order", async () => {
    const requests = Array.from({ length: SLOTS + 2 }, () => makeRequest({ max_tokens: 1500, temperature: 0 }));
    const responses = [];
    for (const request of requests) responses.push(await worker().execute(request)); // one after the other: the order counts

    const counts = await slots();
    const metrics = await worker().metrics();
    const refused = await worker().execute(makeRequest());
    for (const { job_id } of requests.slice(0, 2)) await worker().cancel(job_id);
    const started: string[] = [];
    const firstEvents = responses.slice(SLOTS).map(async (response) => {
      for await (const event of streamEvents(response, { firstTokenMs: 60_000 })) {
        if (event.type !== "started") continue;
        started.push(event.job_id ?? "");
        break;
      }
    });
    await Promise.all(firstEvents);
    for (const response of responses) response.abort();

    expect(counts).toEqual({ total: SLOTS, busy: SLOTS, queued: 2 });
    for (const [state, value] of Object.entries(counts)) expect(metrics.value("worker_slots", { state })).toBe(value);
    expect(refused.status).toBe(503);
    expect(refused.headers["retry-after"]).toMatch(/^[1-9]\d*$/);
    expect(await refused.json()).toMatchObject({ code: "QUEUE_FULL", retriable: true });
    expect(started).toEqual(requests.slice(SLOTS).map((request) => request.job_id));
    await idle();
  });

  test("cancelled and disconnected jobs do not affect others, and leave their slots free and clean", async () => {
    const job = { max_tokens: 60, temperature: 0, seed: 7n };
    const before = (await complete(worker(), job)).text;
    const cancelled = makeRequest({ max_tokens: 2000, temperature: 0 });
    const running = await worker().execute(cancelled);
    const leaving = await worker().execute(makeRequest({ max_tokens: 2000, temperature: 0 }));

    const others = Promise.all([complete(worker(), job), complete(worker(), job)]);
    await worker().cancel(cancelled.job_id);
    leaving.abort();

    expect((await collectStream(running)).events.at(-1)).toMatchObject({ type: "error", code: "CANCELLED" });
    for (const { end } of await others) expect(end.tokens_out).toBe(60);
    await idle();
    for (let slot = 0; slot < SLOTS; slot++) expect((await complete(worker(), job)).text).toBe(before);
  });

  test("a client that reads nothing delays no other job", async () => {
    const unread = await worker().execute(makeRequest({ max_tokens: 2000, temperature: 0 }));

    const { end } = await complete(worker(), { max_tokens: 100, temperature: 0 });

    expect(end.tokens_out).toBe(100);
    unread.abort();
    await idle();
  });
});

describe("llama.cpp declares what it guarantees", () => {
  const job = { max_tokens: 100, temperature: 0.8, seed: 11n };

  test.each([
    { name: "shared batches", batchInvariant: false, levels: ["repeat", "restart", "slot"] },
    { name: "--batch-invariant", batchInvariant: true, levels: ["repeat", "restart", "slot", "load"] },
  ])("$name: $levels", { timeout: llamaEngine.timeoutMs }, async ({ batchInvariant, levels }) => {
    const options = { parallel: SLOTS, batchInvariant, contextSize: 1024 };
    const texts = [];
    for (let process = 0; process < 2; process++) {
      await using worker = await llamaEngine.start(options);
      expect((await worker.health()).determinism).toEqual(levels);
      for (let slot = 0; slot < SLOTS; slot++) texts.push((await complete(worker, job)).text);
      if (!batchInvariant) continue;
      const others = [1, 2, 3].map((seed) => collect(worker, { ...job, seed }));
      texts.push((await complete(worker, job)).text);
      await Promise.all(others);
    }
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]).not.toBe("");
  });

  test("a different seed gives different text: the comparison above can fail", async () => {
    await using worker = await startLlama(await TestModel.synthetic(), { parallel: SLOTS, contextSize: 1024 });
    const texts = await Promise.all(
      [1n, 2n].map(async (seed) => extractText((await collect(worker, { ...job, seed })).events)),
    );
    expect(new Set(texts).size).toBe(2);
  });
});

test("the stub also accepts batchInvariant: its outputs never depend on other jobs", async () => {
  await using worker = await WorkerTestHarness.startMock({ parallel: 2, batchInvariant: true });
  expect((await worker.health()).determinism).toEqual(["repeat", "restart", "slot", "load"]);
});
