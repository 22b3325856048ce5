import type { StubConfigInput } from "worker-orcd-control";
import { describe, expect, test } from "vitest";
import type { EngineRequest } from "../../../src/engine/engine.js";
import { UNICODE_SAMPLE } from "../../../src/engine/stub/vocabulary.js";
import { engineRequest, generateAll, generateText, stubEngine } from "../../support/engines.js";

const textFor = (fields: Partial<EngineRequest> = {}, config: StubConfigInput = {}) =>
  generateText(stubEngine(config), engineRequest({ max_tokens: 40, ...fields }));

describe("instructions", () => {
  const follow = (prompt: string) => textFor({ prompt }, { content: "instructions" });

  test("repeats a text, writes characters of several bytes, or else words", async () => {
    expect(await follow("Repeat exactly, and write nothing else: 7 grey geese")).toBe("7 grey geese");
    expect(await follow("Write a line of emoji.")).toMatch(/[^\p{ASCII}]/u);
    expect(await follow("Write a story.")).toBe(await textFor({ prompt: "Write a story." }));
    expect(await follow("Answer with JSON.")).toMatch(/^\{"name"/);
  });
});

describe("words", () => {
  test("are the same for the same request, in any engine", async () => {
    const engine = stubEngine();
    const request = engineRequest({ max_tokens: 40 });
    const first = await generateText(engine, request);
    expect(await generateText(engine, request)).toBe(first);
    expect(await textFor()).toBe(first);
  });

  test("are the same next to another job", async () => {
    const engine = stubEngine({}, 2);
    const [a, b] = [engineRequest({ max_tokens: 40 }), engineRequest({ max_tokens: 40, seed: 7n })];
    const together = await Promise.all([generateText(engine, a), generateText(engine, b)]);
    expect(together).toEqual([await textFor(), await textFor({ seed: 7n })]);
  });

  test("a shorter answer is the beginning of a longer one", async () => {
    expect(await textFor({ max_tokens: 40 })).toMatch(await textFor({ max_tokens: 10 }));
  });

  test.each<[string, Partial<EngineRequest>]>([
    ["prompt", { prompt: "Hello!" }],
    ["seed", { seed: 43n }],
    ["the high half of the seed", { seed: 42n + (1n << 32n) }],
    ["the highest bit of the seed", { seed: 42n + (1n << 63n) }],
    ["temperature", { temperature: 0.3 }],
    ["temperature 0", { temperature: 0 }],
    ["top_p", { top_p: 0.3 }],
    ["top_k", { top_k: 3 }],
    ["min_p", { min_p: 0.5 }],
    ["repetition_penalty", { repetition_penalty: 1.5 }],
    ["a repetition_penalty below 1", { repetition_penalty: 0.5 }],
  ])("%s changes them", async (_name, change) => {
    expect(await textFor(change)).not.toBe(await textFor());
  });

  test.each(["words", "unicode"] as const)("temperature 0 ignores the seed (%s)", async (content) => {
    const tokensFor = (seed: bigint) =>
      generateAll(stubEngine({ content }), engineRequest({ temperature: 0, seed, max_tokens: 40 }));
    expect(await tokensFor(1n)).toEqual(await tokensFor(2n));
  });

  test("a single candidate is greedy", async () => {
    const greedy = await textFor({ temperature: 0 });
    expect(await textFor({ top_k: 1 })).toBe(greedy);
    expect(await textFor({ top_p: 0 })).toBe(greedy);
    expect(await textFor({ min_p: 1 })).toBe(greedy);
  });

  test.each<Partial<EngineRequest>>([
    { repetition_penalty: Number.MIN_VALUE },
    { temperature: Number.MIN_VALUE },
    { temperature: Number.MIN_VALUE, repetition_penalty: Number.MIN_VALUE, min_p: 1, top_p: 0.5 },
  ])("%o is extreme but still yields words", async (change) => {
    expect(await textFor(change)).toMatch(/^\p{L}+/u);
  });

  test("a prompt that asks for JSON gets an object", async () => {
    const text = await textFor({ prompt: "Write JSON, please" });
    expect(JSON.parse(text)).toEqual({ name: expect.any(String) as string, age: expect.any(Number) as number });
    expect(await textFor({ prompt: "Write JSON, please", seed: 7n })).not.toBe(text);
  });
});

describe("other kinds of content", () => {
  test("counter: every token is unique", async () => {
    expect(await textFor({ max_tokens: 5 }, { content: "counter" })).toBe("0 1 2 3 4 ");
  });

  test("script: exactly these tokens", async () => {
    const { tokens, stop } = await generateAll(stubEngine({ content: { script: ["a", "", "é"] } }), engineRequest());
    expect(tokens.map((token) => Buffer.from(token).toString())).toEqual(["a", "", "é"]);
    expect(stop).toBe("eos");
  });

  test.each(["Say it again", " two  spaces\n\nand lines ", "日本 語", " "])("echo: the prompt %j", async (prompt) => {
    expect(await textFor({ prompt }, { content: "echo" })).toBe(prompt);
  });

  test("unicode: the sample over and over, with tokens that are parts of characters", async () => {
    const { tokens } = await generateAll(stubEngine({ content: "unicode" }), engineRequest({ max_tokens: 500 }));
    const text = Buffer.concat(tokens).toString();
    expect(`${UNICODE_SAMPLE}${UNICODE_SAMPLE}`.startsWith(text.slice(0, UNICODE_SAMPLE.length + 50))).toBe(true);
    const whole = tokens.filter((token) => !Buffer.from(token).toString().includes("\ufffd"));
    expect(whole.length).toBeLessThan(tokens.length / 1.2);
  });
});
