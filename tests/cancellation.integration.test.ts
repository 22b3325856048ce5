import { describe, expect, test } from "vitest";
import {
  assertCancelled,
  cancelAfter,
  collectStream,
  executeAll,
  extractTokens,
  isTestkitError,
  streamEvents,
  TestModel,
  waitForIdle,
  WorkerTestHarness,
  type CancelResult,
  type JobTrigger,
} from "inference-testkit";
import { rejectionOf } from "./support/conditions.js";
import { describeEngines, startLlama, useWorker } from "./support/engines.js";
import { jobWorker } from "./support/foreign.js";
import { complete, makeRequest } from "./support/jobs.js";
import { CYCLES, LONG, MEMORY_MARGIN_BYTES, SOON_MS } from "./support/limits.js";
import { residentBytes } from "./support/process-figures.js";

describeEngines((engine) => {
  const worker = useWorker(() => engine.startSlow({ contextSize: 2200, maxQueue: 10 }));
  const start = async (fields: Parameters<typeof makeRequest>[0] = {}) => {
    return worker().execute(makeRequest({ max_tokens: LONG, ...fields }));
  };

  test("after the third token: it soon ends as cancelled, with hardly any further tokens", async () => {
    const result = await cancelAfter(await start(), { tokens: 3 });

    assertCancelled(result, { withinMs: SOON_MS });
    expect(result.cancelState).toBe("cancelling");
    expect(result.tokensBefore).toBeGreaterThanOrEqual(3);
    expect(result.stream.events.at(-1)).toMatchObject({ type: "error", code: "CANCELLED" });
    expect(extractTokens(result.stream)).toHaveLength(result.tokensBefore + result.tokensAfterCancel);
    expect(extractTokens(result.stream).length).toBeLessThan(LONG);
    await waitForIdle(worker(), { timeoutMs: SOON_MS });
  });

  test("before the first token", async () => {
    const result = await cancelAfter(await start({ prompt: "word ".repeat(100), max_tokens: 1000 }), { tokens: 0 });

    assertCancelled(result, { withinMs: SOON_MS });
    expect(result.tokensBefore).toBe(0);
    await waitForIdle(worker(), { timeoutMs: SOON_MS });
  });

  test("after some milliseconds", async () => {
    const response = await start();
    const result = await cancelAfter(response, { ms: 100 });

    assertCancelled(result, { withinMs: SOON_MS });
    const terminalAtMs = result.stream.arrivals.at(-1)!;
    expect(terminalAtMs - result.latencyMs - response.sentAtMs).toBeGreaterThanOrEqual(100);
  });

  test("while queued: it never runs, and the running job continues", async () => {
    const running = await start();
    const reading = collectStream(running);
    const result = await cancelAfter(await start(), { tokens: 0 });
    const untilThen = performance.now();
    await running.cancel();

    assertCancelled(result, { withinMs: SOON_MS, tokensAfter: 0 });
    expect(result.stream.events).toHaveLength(1);
    const stream = await reading;
    expect(stream.terminal).toMatchObject({ type: "error", code: "CANCELLED" });
    expect(stream.arrivals.at(-1)).toBeGreaterThan(untilThen);
  });

  test("twice: the second call changes nothing", async () => {
    const response = await start();
    const cancelling = cancelAfter(response, { tokens: 0 });
    const answers = [await response.cancel(), await response.cancel()];
    const result = await cancelling;

    assertCancelled(result, { withinMs: SOON_MS });
    for (const { state } of answers) expect(["cancelling", "finished"]).toContain(state);
    expect(result.stream.events.filter(({ type }) => type === "error")).toHaveLength(1);
  });

  test("after the end: too late, which is not a pass", async () => {
    const response = await start({ max_tokens: 3 });
    const result = await cancelAfter(response, { tokens: 4 });

    expect(result).toMatchObject({ status: "too-late", tokensBefore: 3, cancelState: undefined });
    expect(await response.cancel()).toMatchObject({ state: "finished" });
    expect(() => assertCancelled(result)).toThrow("[CANCEL_TOO_LATE]");
  });

  test("an unknown id is unknown", async () => {
    expect(await worker().cancel("nobody")).toEqual({ job_id: "nobody", state: "unknown" });
  });

  test("the id can be reused immediately", async () => {
    const request = makeRequest({ max_tokens: LONG });
    const reference = await complete(worker(), { max_tokens: 5 });
    for (let round = 0; round < 5; round++) {
      assertCancelled(await cancelAfter(await worker().execute(request), { tokens: 2 }));
    }

    expect((await complete(worker(), { ...request, max_tokens: 5 })).tokens).toEqual(reference.tokens);
  });

  test("50 in a row leave slots, KV cache and memory unchanged", async () => {
    const reference = await complete(worker(), { max_tokens: 20 });
    const vramBefore = (await worker().health()).vram_bytes;
    const cancelOnce = async (tokens: number) => assertCancelled(await cancelAfter(await start(), { tokens }));
    for (let warmUp = 0; warmUp < 5; warmUp++) await cancelOnce(warmUp);
    const memoryBefore = residentBytes(worker().pid!);

    for (let cycle = 0; cycle < CYCLES; cycle++) await cancelOnce(cycle % 4);

    await waitForIdle(worker());
    expect((await complete(worker(), { max_tokens: 20 })).tokens).toEqual(reference.tokens);
    expect((await worker().health()).vram_bytes).toBe(vramBefore);
    expect(residentBytes(worker().pid!) - memoryBefore).toBeLessThan(MEMORY_MARGIN_BYTES);
  });

  test("a slow reader's job can be cancelled too", async () => {
    const response = await start();
    const events = streamEvents(response)[Symbol.asyncIterator]();
    expect((await events.next()).value).toMatchObject({ type: "started" });
    await response.cancel();
    await waitForIdle(worker(), { timeoutMs: SOON_MS });

    const rest = [];
    for (let step = await events.next(); step.done !== true; step = await events.next()) rest.push(step.value);
    expect(rest.at(-1)).toMatchObject({ type: "error", code: "CANCELLED" });
  });

  test("other jobs are not affected", async () => {
    await using busy = await engine.startSlow({ contextSize: 2200, parallel: 4, batchInvariant: true });
    const reference = await complete(busy, { max_tokens: 40 });
    const others = Promise.all([1, 2].map(() => complete(busy, { max_tokens: 40 })));
    const cancelled = await executeAll(
      busy,
      [1, 2].map(() => ({ request: makeRequest({ max_tokens: LONG }), cancelAfter: { tokens: 3 } })),
    );

    expect(cancelled.map(({ status }) => status)).toEqual(["cancelled", "cancelled"]);
    for (const { tokens } of await others) expect(tokens).toEqual(reference.tokens);
  });
});

describe("a long prompt on llama.cpp", () => {
  test("a job is cancelled during its prefill, and the next one runs", async () => {
    const model = await TestModel.synthetic({ layerCount: 12, contextLength: 32_768 });
    await using worker = await startLlama(model, { contextSize: 32_768 });
    const prompt = "A long story. ".repeat(1500);

    const result = await cancelAfter(await worker.execute(makeRequest({ prompt, max_tokens: 100 })), { ms: 50 });

    assertCancelled(result, { withinMs: SOON_MS });
    expect(result.tokensBefore).toBe(0);
    const { waitedMs } = await waitForIdle(worker);
    expect(waitedMs).toBeLessThan(SOON_MS);
    await complete(worker, { max_tokens: 5 });
  });
});

describe("possible reactions of a worker to a cancellation", () => {
  const worker = useWorker(() => WorkerTestHarness.launch(jobWorker()));
  const cancel = async (prompt: string, maxTokens = 200, trigger: JobTrigger = { tokens: 3 }) => {
    const response = await worker().execute(makeRequest({ prompt: `cancel: ${prompt}`, max_tokens: maxTokens }));
    return cancelAfter(response, trigger, { timeoutMs: 2_000 });
  };

  test.each<[string, Partial<CancelResult>]>([
    ["ends with error", { status: "cancelled", cancelState: "cancelling" }],
    ["ends with end", { status: "cancelled", cancelState: "cancelling" }],
    ["is ignored", { status: "ignored", cancelState: "cancelling" }],
    ["is refused", { status: "ignored", cancelState: undefined }],
    ["hangs", { status: "ignored", cancelState: "cancelling" }],
    ["breaks the stream off", { status: "ignored", cancelState: "cancelling" }],
    ["comes when the job is finished", { status: "too-late", cancelState: "finished" }],
  ])("%s", async (prompt, expected) => {
    const result = await cancel(prompt);

    expect(result).toMatchObject(expected);
    expect(result.tokensBefore).toBeGreaterThanOrEqual(3);
  });

  test("is unknown, the job keeps running", async () => {
    const result = await cancel("is unknown, the job keeps running", 300);

    expect(result).toMatchObject({ status: "ignored", cancelState: "unknown" });
    expect(() => assertCancelled(result)).toThrow("[CANCEL_IGNORED]");
  });

  test("the result has the error of a rejected cancellation", async () => {
    const result = await cancel("is refused");

    const error = await rejectionOf(Promise.resolve().then(() => assertCancelled(result)));
    expect(error.message).toContain("500");
    expect(isTestkitError(error.cause, "HTTP_FAILED")).toBe(true);
  });

  test("tokens after the cancellation are counted, and too many fail", async () => {
    const result = await cancel("comes five tokens late", 1000);

    assertCancelled(result);
    expect(result.tokensAfterCancel).toBeGreaterThanOrEqual(5);
    expect(() => assertCancelled(result, { tokensAfter: 4 })).toThrow("[CANCEL_SLOW]");
    expect(() => assertCancelled(result, { withinMs: 10 })).toThrow("[CANCEL_SLOW]");
  });

  test("in executeAll(), the outcome has the result", async () => {
    const plan = (prompt: string) => ({
      request: makeRequest({ prompt: `cancel: ${prompt}`, max_tokens: 200 }),
      cancelAfter: { tokens: 3 },
    });

    const outcomes = await worker().executeAll([
      plan("ends with end"),
      plan("is ignored"),
      plan("comes when the job is finished"),
      { ...plan("ends with error"), cancelAfter: { tokens: 201 } },
    ]);

    expect(outcomes).toMatchObject([
      { status: "cancelled", cancel: { status: "cancelled" } },
      { status: "ok", cancel: { status: "ignored" } },
      { status: "ok", cancel: { status: "too-late" } },
      { status: "ok", cancel: { status: "too-late" } },
    ]);
  });
});

describe("cancelAfter() itself", () => {
  const worker = useWorker(() => WorkerTestHarness.startMock({ stub: { timing: { itlMs: 10 } } }));
  const start = () => worker().execute(makeRequest({ max_tokens: LONG }));

  test("a signal aborts with STREAM_ABORTED", async () => {
    const signal = AbortSignal.timeout(50);

    const error = await rejectionOf(cancelAfter(await start(), { tokens: LONG }, { signal }));

    expect(isTestkitError(error, "STREAM_ABORTED")).toBe(true);
    await waitForIdle(worker());
  });

  test("a refusal is thrown", async () => {
    const response = await worker().execute({ job_id: "x" });

    await expect(cancelAfter(response, { tokens: 1 })).rejects.toThrow("[HTTP_FAILED]");
  });

  test.each([{}, { tokens: -1 }, { tokens: 1.5 }, { ms: -1 }, { tokens: 1, ms: 1 }, { token: 1 }, undefined])(
    "%o is not a trigger",
    async (trigger) => {
      const response = await start();

      await expect(cancelAfter(response, trigger as JobTrigger)).rejects.toThrow("[INVALID_OPTION]");
      response.abort();
    },
  );

  test("invalid options, and a response without an id, are rejected", async () => {
    const response = await start();
    await expect(cancelAfter(response, { tokens: 1 }, { timeoutMs: 0 })).rejects.toThrow("`timeoutMs`");
    await expect(cancelAfter(response, { tokens: 1 }, { withinMs: 1 } as object)).rejects.toThrow("`withinMs`");
    response.abort();

    const health = await worker().request("/health");
    await expect(cancelAfter(health, { tokens: 1 })).rejects.toThrow("`job_id`");
    await expect(health.cancel()).rejects.toThrow("`job_id`");
    await health.text();
  });
});
