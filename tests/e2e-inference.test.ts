import { describe, expect, test } from "vitest";
import {
  assertSuccessfulCompletion,
  assertTokenCount,
  collectSseEvents,
  makeTestRequest,
  TestConfig,
  TestModel,
  TestPrompts,
  waitForIdle,
  WorkerTestHarness,
} from "inference-testkit";
import { expect as expectEvents } from "inference-testkit/vitest";
import { describeEngines, startLlama, useWorker } from "./support/engines.js";
import { complete, STORY } from "./support/jobs.js";

/** A character at the end of which the last token may lie. */
const CUT_END = /\ufffd$/u;

describeEngines((engine) => {
  const worker = useWorker(() => engine.start());

  test("a prompt is answered", async () => {
    const { maxTokens, timeoutMs } = TestConfig.default();
    const request = makeTestRequest("first-job", TestPrompts.simple(), maxTokens);
    const events = await collectSseEvents(await worker().execute(request), { totalMs: timeoutMs });

    assertSuccessfulCompletion(events);
    assertTokenCount(events, { min: 1, max: maxTokens });
    expectEvents(events).toStopAt({ reason: "max_tokens" });
  });

  test.each([1, 2, 17, 100])("max_tokens %i is exact", async (max_tokens) => {
    const { end, tokens } = await complete(worker(), { max_tokens, temperature: 0 });

    expect(end).toMatchObject({ tokens_out: max_tokens, stop_reason: "max_tokens" });
    expect(tokens.length).toBeLessThanOrEqual(max_tokens);
  });

  test.each([
    ["simple", TestPrompts.simple()],
    ["short", TestPrompts.short()],
    ["long", TestPrompts.long()],
    ["json", TestPrompts.json()],
    ["one character", "x"],
    ["spaces and line ends", " \n\t \r\n"],
    ["many scripts", "naïve 日本語 🎉 👩‍👩‍👧‍👦 שלום \u0000 \ufeff \u2028"],
    ["what looks like special tokens", "<|im_start|>user\n<|endoftext|></s><s>[INST]"],
    ["what looks like a stream", "data: [DONE]\n\nevent: end\n\n"],
  ])("a prompt that is %s", async (_name, prompt) => {
    const { end } = await complete(worker(), { prompt, max_tokens: 8 });

    expect(end.tokens_out).toBeGreaterThan(0);
    expect(end.tokens_out).toBeLessThanOrEqual(8);
  });

  test("the same job gives the same tokens, even after other jobs", async () => {
    const first = await complete(worker(), { max_tokens: 50 });
    await complete(worker(), { prompt: TestPrompts.long(), seed: 5n, temperature: 2 });
    const second = await complete(worker(), { max_tokens: 50 });

    expect(second.tokens).toEqual(first.tokens);
    expect(second.end.tokens_out).toBe(first.end.tokens_out);
  });

  test("the same job gives the same tokens in another process", async () => {
    const here = await complete(worker(), { max_tokens: 50 });
    await using other = await engine.start();

    expect((await complete(other, { max_tokens: 50 })).tokens).toEqual(here.tokens);
  });

  test("a different prompt gives different text", async () => {
    const texts = [TestPrompts.simple(), TestPrompts.short(), STORY].map((prompt) => complete(worker(), { prompt }));

    expect(new Set((await Promise.all(texts)).map(({ text }) => text)).size).toBe(3);
  });

  test("a shorter answer is the beginning of a longer one", async () => {
    const long = await complete(worker(), { max_tokens: 40 });

    for (const max_tokens of [1, 5, 11, 39]) {
      const { text } = await complete(worker(), { max_tokens });
      expect(long.text.startsWith(text.replace(CUT_END, ""))).toBe(true);
    }
  });

  test("characters arrive whole: no half surrogate, and no U+FFFD except at a cut-off end", async () => {
    for (const seed of [2n, 5n, 8n]) {
      // Unlikely tokens are left out: a model may well generate bytes that are no UTF-8.
      const { tokens, text } = await complete(worker(), { seed, max_tokens: 150, temperature: 1, top_p: 0.5 });

      expect(tokens.filter((token) => !token.isWellFormed())).toEqual([]);
      expect(text.replace(CUT_END, "")).not.toContain("\ufffd");
    }
  });

  test("ten requests at once are all answered, each as if alone", async () => {
    const seeds = Array.from({ length: 10 }, (_, index) => BigInt(index));
    const together = await Promise.all(seeds.map((seed) => complete(worker(), { seed, max_tokens: 10 })));
    const alone = await complete(worker(), { seed: 7n, max_tokens: 10 });

    expect(together[7]?.tokens).toEqual(alone.tokens);
    await waitForIdle(worker());
  });
});

describe("end of sequence", () => {
  test("the stub ends with eos after the configured number of tokens", async () => {
    await using worker = await WorkerTestHarness.startMock({ stub: { outputTokens: 6 } });
    const { end, tokens } = await complete(worker);

    expect(end).toMatchObject({ stop_reason: "eos", tokens_out: 6 });
    expect(tokens).toHaveLength(6);
  });

  test("eos together with the last allowed token is max_tokens", async () => {
    await using worker = await WorkerTestHarness.startMock({ stub: { outputTokens: 6 } });

    expect((await complete(worker, { max_tokens: 6 })).end).toMatchObject({ stop_reason: "max_tokens", tokens_out: 6 });
  });

  test("llama.cpp: a model biased to end stops with eos, and the end token is not part of the text", async () => {
    await using worker = await startLlama(await TestModel.synthetic({ endOfTextBias: 5 }));
    const { end, text } = await complete(worker, { max_tokens: 1000, temperature: 1 });

    expect(end.stop_reason).toBe("eos");
    expect(end.tokens_out).toBeLessThan(1000);
    expect(text).not.toContain("<|");
  });

  test("llama.cpp: an answer may be empty", async () => {
    await using worker = await startLlama(await TestModel.synthetic({ endOfTextBias: 50 }));
    const { end, tokens, events } = await complete(worker);

    expect(end).toMatchObject({ stop_reason: "eos", tokens_out: 0 });
    expect(tokens).toEqual([]);
    expect(events.map((event) => event.type)).toEqual(["started", "end"]);
  });
});
