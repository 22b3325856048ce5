import { statSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { collectStream, isTestkitError, streamEvents, TestModel, WorkerTestHarness } from "inference-testkit";
import { rejectionOf, waitFor } from "./support/conditions.js";
import { llamaEngine, startLlama, useWorker } from "./support/engines.js";
import { complete, makeRequest, STORY } from "./support/jobs.js";
import { parseLines } from "./support/programs.js";
import { startRunner } from "./support/runner.js";
import { startFailure } from "./support/start-failure.js";

/** Long enough to inspect the worker while it generates, on any machine. */
const LONG = { max_tokens: 2000, temperature: 0 } as const;

describe("what crosses the boundary from the model", () => {
  const worker = useWorker(() => llamaEngine.start());

  test("/health has the figures of the model file", async () => {
    const model = await TestModel.synthetic();

    expect(await worker().health()).toMatchObject({
      model: model.name,
      device: "cpu",
      vocab_size: model.vocabSize,
      context_length: 4096,
      quant_kind: expect.stringMatching(/^[A-Z0-9_]+$/) as string,
      resident: true,
    });
  });

  test("the memory includes the KV cache of the whole context, and jobs do not add to it", async () => {
    const model = await TestModel.synthetic();
    const before = (await worker().health()).vram_bytes;
    for (let job = 0; job < 10; job++) await complete(worker(), { max_tokens: 30 });

    expect(before).toBeGreaterThan(model.kvCacheBytes(4096));
    expect(before).toBeLessThan(model.kvCacheBytes(4096) + 100 * statSync(model.path).size);
    expect((await worker().health()).vram_bytes).toBe(before);
  });

  test("loading is reported in steps of 25 percent, with the time it took", () => {
    const lines = parseLines(worker().logs.text());

    expect(lines.flatMap((line) => line["percent"] ?? [])).toEqual([0, 25, 50, 75, 100]);
    expect(lines.find((line) => line["event"] === "model_load_complete")).toMatchObject({
      vram_bytes: expect.any(Number) as number,
      duration_ms: expect.any(Number) as number,
    });
  });

  test("the text matches the same generation without worker, HTTP and stream", async () => {
    const { path } = await TestModel.synthetic();
    await using reference = startRunner("reference-generation", [path, STORY, "120"]);
    const { text, tokens, end } = await complete(worker(), { max_tokens: 120, temperature: 0 });

    expect(text).toBe(JSON.parse(await reference.line("text ", 25_000)));
    expect(tokens.length).toBeLessThan(end.tokens_out); // so characters were joined
  });
});

describe("while llama.cpp works", () => {
  const worker = useWorker(() => llamaEngine.start());

  test("/health keeps answering and reports the slot as busy", async () => {
    const stream = collectStream(await worker().execute(makeRequest(LONG)));
    let answerCount = 0;
    for (let busy = 1; busy === 1; answerCount++) busy = (await worker().health()).slots.busy;

    expect((await stream).outcome.status).toBe("complete");
    expect(answerCount).toBeGreaterThan(5);
  });

  test("tokens are sent as they are generated: the first arrives long before the last", async () => {
    const { arrivals, events, sentAtMs = 0 } = await collectStream(await worker().execute(makeRequest(LONG)));
    const first = arrivals[events.findIndex((event) => event.type === "token")]! - sentAtMs;

    expect(first).toBeLessThan((arrivals.at(-1)! - sentAtMs) / 2);
  });

  test("a cancelled job leaves nothing behind: the next one has the tokens of a fresh worker", async () => {
    const fresh = await complete(worker(), { max_tokens: 40 });
    const request = makeRequest({ ...LONG, prompt: "Something quite different, " });
    for await (const event of streamEvents(await worker().execute(request))) {
      if (event.type === "token" && event.i === 20) await worker().cancel(request.job_id);
    }

    expect((await complete(worker(), { max_tokens: 40 })).tokens).toEqual(fresh.tokens);
  });

  test("it survives many clients that connect and disconnect", async () => {
    const fresh = await complete(worker());
    for (let round = 0; round < 15; round++) {
      for await (const event of streamEvents(await worker().execute(makeRequest(LONG)))) {
        if (event.type === "token" && event.i >= round) break;
      }
    }

    expect((await complete(worker())).tokens).toEqual(fresh.tokens);
    await waitFor("free slot", async () => (await worker().health()).slots.busy === 0 || undefined);
  });
});

describe("while llama.cpp reads a prompt of 32,768 characters", () => {
  const contextSize = 40_000;
  const worker = useWorker(async () =>
    startLlama(await TestModel.synthetic({ contextLength: contextSize }), { contextSize }),
  );
  const request = () => makeRequest({ prompt: "abcdefg ".repeat(4096), max_tokens: 10 });
  const idle = () => waitFor("free slot", async () => (await worker().health()).slots.busy === 0 || undefined);

  test("/health answers, and a cancellation takes effect", async () => {
    const reading = request();
    const response = await worker().execute(reading);
    for (let answer = 0; answer < 5; answer++) expect((await worker().health()).slots.busy).toBe(1);
    await worker().cancel(reading.job_id);
    const { events } = await collectStream(response);

    expect(events).toMatchObject([{ type: "started" }, { type: "error", code: "CANCELLED" }]);
    await idle();
  });

  test("a client that goes away is noticed", async () => {
    (await worker().execute(request())).abort();

    await idle();
    expect((await worker().metrics()).value("worker_requests_total", { outcome: "disconnected" })).toBe(1);
    expect((await worker().metrics()).value("worker_tokens_generated_total")).toBe(0);
  });
});

describe("the context", () => {
  const worker = useWorker(async () => startLlama(await TestModel.synthetic(), { contextSize: 256 }));

  test("can be used to its last token, and one more is CONTEXT_OVERFLOW", async () => {
    const refused = await worker().execute(makeRequest({ max_tokens: 256 }));
    const { code, message } = (await refused.json()) as { code: string; message: string };
    const promptTokens = Number(/prompt \((\d+) tokens\)/.exec(message)?.[1]);
    const room = 256 - promptTokens;

    const { end } = await complete(worker(), { max_tokens: room, temperature: 0 });
    const oneMore = await worker().execute(makeRequest({ max_tokens: room + 1 }));

    expect([refused.status, code]).toEqual([400, "CONTEXT_OVERFLOW"]);
    expect(end).toMatchObject({ tokens_out: room, stop_reason: "max_tokens" });
    expect(oneMore.status).toBe(400);
    expect(await oneMore.json()).toMatchObject({ code: "CONTEXT_OVERFLOW" });
  });
});

describe("devices", () => {
  test("a missing GPU is DEVICE_NOT_FOUND, without a fallback to the CPU", async () => {
    const { path } = await TestModel.synthetic();

    const error = await startFailure(WorkerTestHarness.start(path, 200));

    expect(error.code).toBe("PROCESS_DIED");
    expect(error.message).toContain("DEVICE_NOT_FOUND: No GPU device 200");
    expect(error.message).toContain("exit code 1");
  });
});

test("a crash in native code ends the stream and is reported with its signal", async () => {
  const worker = await llamaEngine.start();
  const response = await worker.execute(makeRequest(LONG));
  const stream = collectStream(response);
  await waitFor("running job", async () => (await worker.health()).slots.busy || undefined);

  process.kill(worker.pid!, "SIGSEGV");

  expect((await stream).outcome.status).toBe("transport-error");
  const error = await rejectionOf(worker.stop());
  expect(isTestkitError(error, "PROCESS_DIED")).toBe(true);
  expect(error.message).toContain("signal SIGSEGV");
});
