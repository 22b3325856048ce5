import { getLlama, LlamaLogLevel } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Engine } from "../../../src/engine/engine.js";
import { LlamaEngine } from "../../../src/engine/llama/llama-engine.js";
import { NativeLog } from "../../../src/engine/llama/native-log.js";
import { TestModel } from "../../../../testkit/src/models/index.js";
import { engineRequest, generateAll } from "../../support/engines.js";
import { generateHex, loadLlama } from "../../support/llama.js";

const SLOTS = 4;
const LONG_PROMPT = "a b c d ".repeat(375);
const never = new AbortController().signal;
const greedy = { temperature: 0, max_tokens: 40 };

let engine: Engine;
let alone = "";

beforeAll(async () => {
  engine = await loadLlama({ slots: SLOTS });
  alone = await generateHex(engine, greedy);
});
afterAll(() => engine.dispose());

const start = (fields: Parameters<typeof engineRequest>[0], signal = never) =>
  engine.generate(engineRequest({ temperature: 0, max_tokens: 2000, ...fields }), signal);

/** Fails if a slot is missing, or still holds anything of an earlier job. */
async function expectAllSlotsClean() {
  for (let slot = 0; slot < SLOTS; slot++) expect(await generateHex(engine, greedy)).toBe(alone);
  const lengths = Array.from({ length: SLOTS }, () => generateAll(engine, engineRequest(greedy)));
  expect((await Promise.all(lengths)).map(({ tokens }) => tokens.length)).toEqual(Array(SLOTS).fill(40));
}

/** How often `step` runs until `settled` has. */
async function countUntil(settled: Promise<unknown>, step: () => Promise<unknown>): Promise<number> {
  const state = { isSettled: false };
  const end = settled.finally(() => (state.isSettled = true));
  let count = 0;
  for (; !state.isSettled; count++) await step();
  await end;
  return count;
}

describe("one context for all slots", () => {
  test("runs as many jobs as there are slots; one more waits for a slot", async () => {
    const running = Array.from({ length: SLOTS }, () => start({}));
    for (const job of running) expect(await job.next()).toMatchObject({ done: false });
    const waiting = start({ max_tokens: 1 });
    const first = waiting.next();
    for (const job of running) expect(await job.next()).toMatchObject({ done: false });
    await running[0]?.return("eos");
    expect(await first).toMatchObject({ done: false });
    await waiting.return("eos");
    for (const job of running) await job.return("eos");
    await expectAllSlotsClean();
  });

  test("each slot has the whole context size", async () => {
    const small = await loadLlama({ slots: 3, contextSize: 256 });
    const full = engineRequest({ prompt: "x".repeat(200), max_tokens: 56, temperature: 0 });
    const results = await Promise.all([1, 2, 3].map(() => generateAll(small, { ...full })));
    expect(results.map(({ tokens }) => tokens.length)).toEqual([56, 56, 56]);
    await small.dispose();
  });

  test("memory includes the KV cache of every slot, in fewer bytes than separate contexts", async () => {
    const one = await loadLlama({ contextSize: 1024 });
    const shared = await loadLlama({ slots: SLOTS, contextSize: 1024 });
    const own = await loadLlama({ slots: SLOTS, contextSize: 1024, batchInvariant: true });
    const [oneBytes, sharedBytes, ownBytes] = [one, shared, own].map((each) => each.memory().vramBytes);
    const kvBytes = (await TestModel.synthetic()).kvCacheBytes(1024);
    expect(sharedBytes).toBeGreaterThanOrEqual(oneBytes! + (SLOTS - 1) * kvBytes);
    expect(sharedBytes).toBeLessThan(ownBytes!);
    await Promise.all([one, shared, own].map((each) => each.dispose()));
  });

  test("an abort frees the slot within one step, and the others continue", async () => {
    const controller = new AbortController();
    const aborted = start({}, controller.signal);
    const others = Array.from({ length: SLOTS - 1 }, () => generateAll(engine, engineRequest({ max_tokens: 120 })));
    await aborted.next();
    controller.abort(new Error("enough"));
    await expect(aborted.next()).rejects.toThrow("enough");
    for (const { tokens, stop } of await Promise.all(others)) {
      expect(stop === "eos" || tokens.length === 120).toBe(true);
    }
    await expectAllSlotsClean();
  });

  test("a job whose output is not being read delays no other job", async () => {
    const unread = start({});
    await unread.next();
    const { tokens } = await generateAll(engine, engineRequest({ temperature: 0, max_tokens: 300 }));
    expect(tokens).toHaveLength(300);
    expect(await unread.next()).toMatchObject({ done: false });
    await unread.return("eos");
    await expectAllSlotsClean();
  });

  test("a long prompt delays a generating job by one batch at a time, not by all of it", async () => {
    const generating = start({});
    await generating.next();
    const long = start({ prompt: LONG_PROMPT, max_tokens: 1 });
    const between = await countUntil(long.next(), () => generating.next());
    await Promise.all([generating.return("eos"), long.return("eos")]);
    expect(between).toBeGreaterThan(35); // its 2,626 tokens are 42 batches
  });

  test("an abort ends a long prompt after a batch, even while others generate", async () => {
    const generating = start({});
    await generating.next();
    const controller = new AbortController();
    const long = start({ prompt: LONG_PROMPT, max_tokens: 1 }, controller.signal);
    const first = long.next().catch((error: unknown) => error);
    for (let i = 0; i < 3; i++) await generating.next();
    controller.abort(new Error("enough"));
    const steps = await countUntil(first, () => generating.next());
    expect(await first).toMatchObject({ message: "enough" });
    expect(steps).toBeLessThanOrEqual(4);
    await generating.return("eos");
    await expectAllSlotsClean();
  });

  test("dispose() ends all running jobs with an error", async () => {
    const disposable = await loadLlama({ slots: 2 });
    const run = () => generateAll(disposable, engineRequest({ max_tokens: 3000 })).catch((error: unknown) => error);
    const idle = disposable.generate(engineRequest({ max_tokens: 3000 }), never);
    await idle.next();
    const running = run();
    await disposable.dispose();
    expect(await running).toMatchObject({ code: "INFERENCE_FAILED" });
    await expect(idle.next()).rejects.toMatchObject({ code: "INFERENCE_FAILED" });
  });
});

describe("a batch that fails", () => {
  test("fails the jobs in it with the same code and reason; later jobs are not affected", async () => {
    const failing = await createEngineWithPlantedToken();
    const before = await generateHex(failing, greedy);
    const beside = failing.generate(engineRequest({ max_tokens: 900, temperature: 0 }), never);
    await beside.next();
    const idle = failing.generate(engineRequest({ max_tokens: 20, temperature: 0 }), never);
    await idle.next();

    const drain = async () => {
      while ((await beside.next()).done !== true);
    };
    const running = [drain(), generateAll(failing, engineRequest({ prompt: PLANTED }))];
    const errors = await Promise.all(running.map((job) => job.catch((error: unknown) => error)));

    expect(errors[0]).toMatchObject({ code: "INFERENCE_FAILED" });
    expect(errors[1]).toBe(errors[0]);
    expect(await idle.next()).toMatchObject({ done: false }); // was not in that batch
    await idle.return("eos");
    for (let slot = 0; slot < 3; slot++) expect(await generateHex(failing, greedy)).toBe(before);
    await failing.dispose();
  });
});

const PLANTED = "planted";

/** Real llama.cpp with three slots, whose tokenizer gives a token that the model does not have for one prompt. */
async function createEngineWithPlantedToken(): Promise<Engine> {
  const log = new NativeLog(undefined);
  const logger = log.write;
  const llama = await getLlama({ gpu: false, build: "never", maxThreads: 0, logLevel: LlamaLogLevel.warn, logger });
  const { path: modelPath } = await TestModel.synthetic();
  const model = await llama.loadModel({ modelPath });
  const tokenize = model.tokenize.bind(model);
  const planted = [1_000_000] as ReturnType<typeof tokenize>;
  Object.assign(model, { tokenize: (text: string) => (text === PLANTED ? planted : tokenize(text, true)) });
  const options = { sequences: 3, contextSize: 1024, batchSize: 67, threads: { ideal: 1, min: 1 } };
  const context = await model.createContext(options);
  const info = { ...engine.info, contextLength: 1024 };
  return new LlamaEngine(info, { llama, model, contexts: [context], log, promptBatchSize: 64 });
}
