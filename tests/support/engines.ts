import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import { TestModel, WorkerTestHarness, type WorkerOptions } from "inference-testkit";

/** An engine that the end-to-end tests run on. */
export interface EngineCase {
  readonly name: string;
  /** Why it cannot run here; its tests are then skipped with this reason. */
  readonly missing?: string | undefined;
  /** Longest test on this engine, in ms. */
  readonly timeoutMs: number;
  start(options?: WorkerOptions): Promise<WorkerTestHarness>;
  /** The same with some milliseconds for each token: a job of 2000 tokens is still running whenever a test looks. */
  startSlow(options?: WorkerOptions): Promise<WorkerTestHarness>;
}

/** Where a real model may lie: the folder of the models, or one that several checkouts share. */
const MODEL_FOLDERS = [process.env["INFERENCE_TESTKIT_MODELS"] || "models", "../shared/models"];

export const stubEngine: EngineCase = {
  name: "stub engine",
  timeoutMs: 30_000,
  start: (options) => WorkerTestHarness.startMock(options),
  startSlow: (options) => WorkerTestHarness.startMock({ ...options, stub: { timing: { itlMs: 4 } } }),
};

/** Real llama.cpp on the tiny model with random weights. */
export const llamaEngine: EngineCase = {
  name: "llama.cpp, synthetic model",
  timeoutMs: 30_000,
  start: async (options) => startLlama(await TestModel.synthetic(), options),
  startSlow: async (options) => startLlama(await TestModel.synthetic({ layerCount: 12 }), options),
};

/** Real llama.cpp on a real model, if there is one. */
const realModel = findRealModel();
const startReal = async (options?: WorkerOptions) => startLlama(await TestModel.fromFile(realModel ?? ""), options);
const realEngine: EngineCase = {
  name: "llama.cpp, real model",
  missing:
    realModel === undefined ? `no ${TestModel.qwen2_5_0_5b().name}.gguf in ${MODEL_FOLDERS.join(" or ")}` : undefined,
  timeoutMs: 300_000,
  start: startReal,
  startSlow: startReal,
};

/** Starts llama.cpp on the CPU, with one thread: two spinning threads on two busy cores are a hundred times slower. */
export function startLlama(model: TestModel, options: WorkerOptions = {}): Promise<WorkerTestHarness> {
  return WorkerTestHarness.start(model.path, -1, { threads: 1, readyTimeoutMs: 60_000, ...options });
}

/** Defines the same tests for every engine. One that is missing becomes one skipped test with the reason. */
export function describeEngines(define: (engine: EngineCase) => void): void {
  for (const engine of [stubEngine, llamaEngine, realEngine]) {
    if (engine.missing === undefined) describe(engine.name, { timeout: engine.timeoutMs }, () => define(engine));
    else test(engine.name, (context) => context.skip(engine.missing));
  }
}

/** One worker for all tests of a `describe` block: jobs are independent of each other, and a start of llama.cpp takes a second. */
export function useWorker(start: () => Promise<WorkerTestHarness>): () => WorkerTestHarness {
  let worker: WorkerTestHarness | undefined;
  beforeAll(async () => {
    worker = await start();
  }, 90_000);
  afterAll(async () => {
    await worker?.stop();
  });
  return () => {
    if (worker === undefined) throw new Error("The worker did not start");
    return worker;
  };
}

function findRealModel(): string | undefined {
  const qwen = TestModel.qwen2_5_0_5b();
  if (qwen.exists()) return qwen.path;
  return MODEL_FOLDERS.flatMap(listModels)[0];
}

function listModels(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".gguf"))
      .map((name) => join(folder, name));
  } catch {
    return []; // no such folder
  }
}
