import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Chat } from "../../../src/engine/chat.js";
import type { Engine, EnginePart, EngineRequest } from "../../../src/engine/engine.js";
import { TestModel } from "../../../../testkit/src/models/index.js";
import { engineRequest, generateOutputs } from "../../support/engines.js";
import { loadLlama } from "../../support/llama.js";

type Scored = Extract<EnginePart, { kind: "scored" }>;

/** The text of a generation, whether its tokens have scores or not, and why it stopped. */
async function generate(engine: Engine, fields: Partial<EngineRequest>) {
  const { outputs, stop } = await generateOutputs(engine, engineRequest({ temperature: 0, ...fields }));
  const bytes = outputs.map((output) => (output instanceof Uint8Array ? output : (output as Scored).bytes));
  return { outputs, stop, text: Buffer.concat(bytes).toString() };
}

describe("the synthetic model", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await loadLlama();
  });
  afterAll(() => engine.dispose());

  test("generates JSON that fits a schema, whatever its weights are", async () => {
    const schema = {
      type: "object",
      properties: { name: { type: "string", maxLength: 4 }, sex: { enum: ["f", "m"] }, ok: { type: "boolean" } },
      required: ["name"],
    };
    const { text, stop } = await generate(engine, { max_tokens: 200, format: { kind: "json_schema", schema } });
    expect(stop).toBe("eos");
    const value = JSON.parse(text) as { name: string; sex: string; ok: boolean };
    expect([value.name.length <= 4, ["f", "m"].includes(value.sex), typeof value.ok]).toEqual([true, true, "boolean"]);
    expect(text.trimEnd()).toBe(text);
  });

  test("generates a JSON object for json_object", async () => {
    const { text } = await generate(engine, { max_tokens: 60, format: { kind: "json_object" }, temperature: 1 });
    expect(text).toMatch(/^\s*\{/);
  });

  test("check() rejects a schema that no grammar can express", () => {
    const format = { kind: "json_schema", schema: { type: "string", pattern: "a" } } as const;
    expect(() => engine.check(engineRequest({ format }))).toThrow(/uses `pattern`/);
  });

  test("reports the log probability of each token and of the likeliest ones", async () => {
    const { outputs } = await generate(engine, { max_tokens: 3, topLogprobs: 2 });
    for (const { score, bytes } of outputs as readonly Scored[]) {
      expect(score.bytes).toEqual(bytes);
      expect(score.top).toHaveLength(2);
      expect(score.logprob).toBeLessThanOrEqual(0);
      expect(score.top[0]).toEqual({ bytes, logprob: score.logprob }); // greedy: the likeliest is the one
      expect(score.top[1]?.logprob).toBeLessThanOrEqual(score.logprob);
    }
    const { outputs: bare } = await generate(engine, { max_tokens: 3, topLogprobs: 0 });
    expect((bare as readonly Scored[]).map(({ score }) => [score.logprob, score.top])).toEqual(
      (outputs as readonly Scored[]).map(({ score }) => [score.logprob, []]),
    );
  });

  test("scores change nothing about the tokens", async () => {
    const plain = await generate(engine, { max_tokens: 20, temperature: 1 });
    expect((await generate(engine, { max_tokens: 20, temperature: 1, topLogprobs: 1 })).text).toBe(plain.text);
  });
});

const real = TestModel.smolLm2();

describe("SmolLM2", () => {
  if (!real.exists()) {
    test("chats", (context) => context.skip("no SmolLM2: run scripts/ensure-llama-server.sh"));
    return;
  }
  let engine: Engine;
  const chat: Chat = { messages: [{ role: "user", content: "Say hello" }], tools: [], toolChoice: "auto" };
  beforeAll(async () => {
    engine = await loadLlama({ modelPath: real.path, contextSize: 512 });
  });
  afterAll(() => engine.dispose());

  test("applies the template of its file; llama-server counts the same 32 tokens", async () => {
    const prompt = await engine.renderChat(chat);
    expect(prompt).toMatch(
      /^<\|im_start\|>system\n.*SmolLM.*<\|im_end\|>\n<\|im_start\|>user\nSay hello<\|im_end\|>\n<\|im_start\|>assistant\n$/,
    );
    expect(engine.tokenize(prompt)).toHaveLength(32);
  });

  test("ends its answer on its own, unless it must continue", async () => {
    const prompt = await engine.renderChat({
      ...chat,
      messages: [{ role: "user", content: "Reply with the single word yes" }],
    });
    const natural = await generate(engine, { prompt, max_tokens: 60 });
    expect(natural.stop).toBe("eos");
    const forced = await generate(engine, { prompt, max_tokens: 60, ignoreEos: true });
    expect([forced.stop, forced.outputs.length]).toEqual(["max_tokens", 60]);
    expect(forced.text.startsWith(natural.text)).toBe(true);
  });
});
