import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Engine, EngineRequest } from "../../../src/engine/engine.js";
import { loadLlamaEngine, type LlamaEngineOptions } from "../../../src/engine/llama/index.js";
import { findGpus } from "../../../src/engine/llama/gpu-discovery.js";
import { TestModel } from "../../../../testkit/src/models/index.js";

const progress: number[] = [];
let folder = "";
let model: TestModel;
let engine: Engine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "worker-llama-"));
  model = await TestModel.synthetic();
  engine = await load({ onProgress: (percent) => progress.push(percent) });
});
afterAll(async () => {
  await engine.dispose();
  await rm(folder, { recursive: true, force: true });
});

function load(options: Partial<LlamaEngineOptions> = {}): Promise<Engine> {
  const defaults = { modelPath: model.path, gpuDevice: -1, slots: 1, threads: 1, onProgress: () => undefined };
  return loadLlamaEngine({ ...defaults, ...options });
}

function request(overrides: Partial<EngineRequest> = {}): EngineRequest {
  const sampling = { temperature: 1, seed: 1n, top_p: 1, top_k: 0, min_p: 0, repetition_penalty: 1, stop: [] };
  return { job_id: "job", prompt: "Hello", max_tokens: 40, ...sampling, ...overrides };
}

const never = new AbortController().signal;

async function generate(overrides: Partial<EngineRequest> = {}, target = engine, signal = never) {
  const pieces: Uint8Array[] = [];
  const generation = target.generate(request(overrides), signal);
  for (;;) {
    const next = await generation.next();
    if (next.done === true) return { pieces, stop: next.value, hex: Buffer.concat(pieces).toString("hex") };
    if (next.value instanceof Uint8Array) pieces.push(next.value);
  }
}

const hexOf = async (overrides: Partial<EngineRequest> = {}, target = engine) =>
  (await generate(overrides, target)).hex;

describe("loading", () => {
  test("returns the facts of the model and reports progress", () => {
    expect(progress).toEqual([0, 25, 50, 75, 100]);
    expect(engine.slots).toBe(1);
    expect(engine.info).toEqual({
      model: model.name,
      device: "cpu",
      quantKind: "F32",
      contextLength: 4096,
      vocabSize: model.vocabSize,
      resident: true,
      determinism: ["repeat", "restart", "slot", "load"],
    });
  });

  test("memory covers at least the weights and the KV cache", () => {
    expect(engine.memory().vramBytes).toBeGreaterThan(440_000 + model.kvCacheBytes(4096));
  });

  test("an unknown architecture is MODEL_LOAD_FAILED", async () => {
    const { path } = await TestModel.synthetic({ architecture: "unheard-of" });
    await expect(load({ modelPath: path })).rejects.toMatchObject({
      code: "MODEL_LOAD_FAILED",
      message: expect.stringContaining(`Cannot load the model ${path}: `) as string,
    });
  });

  test("so is a missing tensor, which only llama.cpp notices", async () => {
    const bytes = await readFile(model.path);
    bytes.write("blk.1.attn_x", bytes.indexOf("blk.1.attn_q.weight"));
    const path = join(folder, "missing-tensor.gguf");
    await writeFile(path, bytes);
    await expect(load({ modelPath: path })).rejects.toMatchObject({ code: "MODEL_LOAD_FAILED" });
  });

  test("a truncated file never reaches native code", async () => {
    const path = join(folder, "truncated.gguf");
    await copyFile(model.path, path);
    await writeFile(path, (await readFile(path)).subarray(0, 100_000));
    const lines: string[] = [];
    const logger = (_: string, message: string) => lines.push(message);
    await expect(load({ modelPath: path, logger })).rejects.toThrow(/truncated: the header declares 452\d\d\d bytes/);
    expect(lines).toEqual([]);
  });

  test("a missing GPU is DEVICE_NOT_FOUND, without a fallback to the CPU", async ({ skip }) => {
    const gpus = await findGpus();
    skip(gpus.length > 0, "this machine has a GPU back end");
    await expect(load({ gpuDevice: 0 })).rejects.toMatchObject({
      code: "DEVICE_NOT_FOUND",
      message: "No GPU device 0: this machine has no GPU that llama.cpp can use; device -1 is the CPU",
    });
  });
});

describe("output", () => {
  test("ends after max_tokens, one piece per token", async () => {
    const { pieces, stop } = await generate({ temperature: 0, max_tokens: 7 });
    expect([pieces.length, stop]).toEqual([7, "max_tokens"]);
  });

  test("pieces are the raw bytes of tokens: characters arrive in parts, and whole when joined", async () => {
    const { pieces, hex } = await generate({ temperature: 0.5, max_tokens: 300 });
    expect(pieces.filter((bytes) => bytes.length === 1 && bytes[0]! >= 0x80).length).toBeGreaterThan(10);
    const text = Buffer.from(hex, "hex").toString("utf8");
    expect(text).toMatch(/[\u0400-\u04ff]/);
    expect(text).toMatch(/\p{Emoji_Presentation}|[\u{1f000}-\u{1ffff}]/u);
  });

  test("an end-of-generation token ends it with eos, and is neither yielded nor counted", async () => {
    const { path } = await TestModel.synthetic({ endOfTextBias: 7 });
    const short = await load({ modelPath: path });
    const endings = [];
    for (let seed = 0n; seed < 8n; seed++) endings.push(await generate({ seed, max_tokens: 500 }, short));
    const atOnce = await load({ modelPath: (await TestModel.synthetic({ endOfTextBias: 50 })).path });
    expect(await generate({ temperature: 0 }, atOnce)).toEqual({ pieces: [], stop: "eos", hex: "" });
    await Promise.all([short.dispose(), atOnce.dispose()]);
    for (const { stop, hex } of endings) {
      expect(stop).toBe("eos");
      expect(Buffer.from(hex, "hex").toString()).not.toContain("<|");
    }
  });

  test("the event loop stays free: it turns several times per token", async () => {
    let turns = 0;
    let running = true;
    const turn = () => {
      turns++;
      if (running) setImmediate(turn);
    };
    setImmediate(turn);
    await generate({ temperature: 0, max_tokens: 200 });
    running = false;
    expect(turns).toBeGreaterThan(400);
  });
});

describe("sampling", () => {
  const base = { max_tokens: 60, seed: 5n } as const;

  test.each([
    { temperature: 0.5 },
    { temperature: 2 },
    { top_p: 0.5 },
    { top_k: 5 },
    { min_p: 0.2 },
    { repetition_penalty: 1.5 },
    { repetition_penalty: 0.5 },
    { seed: 6n },
    { prompt: "Hello!" },
  ])("%o changes the output", async (overrides) => {
    expect(await hexOf({ ...base, ...overrides })).not.toBe(await hexOf(base));
  });

  test.each([{ temperature: 0 }, { top_k: 1 }, { top_p: 0 }, { min_p: 1 }, { temperature: 1e-300 }])(
    "%o is greedy: the seed does not matter",
    async (overrides) => {
      expect(await hexOf({ ...base, ...overrides, seed: 1n })).toBe(await hexOf({ ...base, temperature: 0, seed: 2n }));
    },
  );

  test("the repetition penalty also works on greedy output, and covers the prompt", async () => {
    const greedy = { ...base, temperature: 0 };
    expect(await hexOf({ ...greedy, repetition_penalty: 1.3 })).not.toBe(await hexOf(greedy));
    // The first token can only be penalised for the prompt.
    const first = await hexOf({ ...greedy, max_tokens: 1 });
    const prompt = Buffer.from(first, "hex").toString();
    const again = await Promise.all(
      [1, 0.0001]
        .map((repetition_penalty) => ({ repetition_penalty }))
        .map(async (penalty) => hexOf({ ...greedy, max_tokens: 1, prompt, ...penalty })),
    );
    expect(again[1]).toBe(first);
    expect(again[0]).not.toBe(first);
  });

  test("all 64 bits of the seed count", async () => {
    const seeds = [1n, 1n + (1n << 32n), 1n + (1n << 63n), 2n ** 64n - 1n, 0n];
    const outputs = [];
    for (const seed of seeds) outputs.push(await hexOf({ ...base, seed }));
    expect(new Set(outputs).size).toBe(seeds.length);
  });

  test.each([
    { temperature: 2, top_p: 1, top_k: 2 ** 31 - 1 },
    { repetition_penalty: 0.0001 },
    { repetition_penalty: 1e-300, temperature: 1e-5 },
    { repetition_penalty: 2, top_k: 1, top_p: 0, min_p: 1 },
  ])("%o at the edge of the ranges works", async (overrides) => {
    const { pieces, stop } = await generate({ ...overrides, max_tokens: 20 });
    expect(stop === "eos" || pieces.length === 20).toBe(true);
  });
});

describe("context", () => {
  test("prompt and max_tokens may fill the context to the last token, and not one more", async () => {
    const small = await load({ contextSize: 64 });
    const fits = request({ prompt: "x".repeat(44), max_tokens: 20, temperature: 0 });
    expect(() => small.check(fits)).not.toThrow();
    expect((await generate(fits, small)).pieces).toHaveLength(20);
    const overflow = { ...fits, max_tokens: 21 };
    expect(() => small.check(overflow)).toThrow(
      "prompt (44 tokens) and max_tokens (21) exceed the context of 64 tokens",
    );
    await expect(generate(overflow, small)).rejects.toMatchObject({ code: "CONTEXT_OVERFLOW" });
    expect((await generate(fits, small)).pieces).toHaveLength(20);
    await small.dispose();
  });

  test("the full context of the model works, including a prefill in many batches", async () => {
    const long = { prompt: "a b c d ".repeat(500).slice(0, 3000), max_tokens: 30, temperature: 0 };
    expect(await hexOf(long)).toBe(await hexOf(long));
  });

  test("special tokens in the prompt are one token each", () => {
    const prompt = "<|im_start|>".repeat(4000);
    expect(() => engine.check(request({ prompt, max_tokens: 96 }))).not.toThrow();
    expect(() => engine.check(request({ prompt, max_tokens: 97 }))).toThrow("prompt (4000 tokens)");
  });

  test.each(["\0", "\ud800", "\u{1f600}", "\r\n\t ", "é".repeat(1000)])("the prompt %j is accepted", async (prompt) => {
    expect((await generate({ prompt, temperature: 0, max_tokens: 3 })).pieces).toHaveLength(3);
  });
});

describe("stopping early", () => {
  test("an abort ends the generation at the next token with its reason; the next job is not affected", async () => {
    const before = await hexOf({ temperature: 0 });
    const controller = new AbortController();
    const generation = engine.generate(request({ temperature: 0, max_tokens: 2000 }), controller.signal);
    for (let i = 0; i < 3; i++) expect(await generation.next()).toMatchObject({ done: false });
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(generation.next()).rejects.toBe(reason);
    expect(await hexOf({ temperature: 0 })).toBe(before);
  });

  test("an abort also ends a long prefill, long before it is done", async () => {
    const prompt = "a b c d ".repeat(480);
    const countTurns = async (abortAt: number) => {
      const controller = new AbortController();
      const result = generate({ prompt, max_tokens: 1 }, engine, controller.signal).catch((error: unknown) => error);
      let turns = 0;
      const watch = setInterval(() => {
        if (++turns === abortAt) controller.abort(new Error("enough"));
      });
      const outcome = await result;
      clearInterval(watch);
      return { outcome, turns };
    };
    const whole = await countTurns(Infinity);
    const cut = await countTurns(2);
    expect(whole.outcome).toMatchObject({ stop: "max_tokens" });
    expect(cut.outcome).toMatchObject({ message: "enough" });
    expect(cut.turns).toBeLessThan(whole.turns / 2);
  });

  test("with an aborted signal, no token is computed", async () => {
    const aborted = AbortSignal.abort(new Error("before"));
    await expect(generate({}, engine, aborted)).rejects.toThrow("before");
    expect((await generate({ max_tokens: 2, temperature: 0 })).pieces).toHaveLength(2);
  });

  test("leaving the loop frees the slot for a waiting generation", async () => {
    const first = engine.generate(request({ max_tokens: 2000 }), never);
    await first.next();
    const second = generate({ temperature: 0, max_tokens: 5 });
    await first.return("max_tokens");
    expect((await second).pieces).toHaveLength(5);
  });

  test("dispose() ends a running generation with an error, and later ones too", async () => {
    const disposable = await load();
    const generation = disposable.generate(request({ temperature: 0, max_tokens: 4000 }), never);
    await generation.next();
    const drain = async () => {
      while ((await generation.next()).done !== true);
    };
    const running = drain().catch((error: unknown) => error);
    await disposable.dispose();
    await disposable.dispose();
    expect(await running).toMatchObject({ code: "INFERENCE_FAILED" });
    await expect(generate({}, disposable)).rejects.toThrow("The engine is disposed");
  });
});
