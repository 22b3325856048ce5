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

/** Real llama.cpp on a real model. Its jobs take seconds, so they have a separate test run, `npm run test:real`. */
export const realEngine: EngineCase = {
  name: "llama.cpp, real model",
  missing: process.env["INFERENCE_TESTKIT_SUITE"] === "real" ? whyNoModel() : "only in `npm run test:real`",
  timeoutMs: 300_000,
  start: (options) => startLlama(findRealModel(), options),
  startSlow: (options) => startLlama(findRealModel(), options),
};

/** Starts llama.cpp on the CPU, with one thread: two spinning threads on two busy cores are a hundred times slower. */
export function startLlama(model: TestModel, options: WorkerOptions = {}): Promise<WorkerTestHarness> {
  return WorkerTestHarness.start(model.path, -1, { threads: 1, readyTimeoutMs: 60_000, ...options });
}

/** Defines the same tests for every engine. One that is missing becomes one skipped test with the reason. */
export function describeEngines(define: (engine: EngineCase) => void): void {
  const isReal = process.env["INFERENCE_TESTKIT_SUITE"] === "real";
  for (const engine of isReal ? [realEngine] : [stubEngine, llamaEngine, realEngine]) {
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

function findRealModel(): TestModel {
  const models = [TestModel.qwen2_5_0_5b(), TestModel.smolLm2()];
  return models.find((model) => model.exists()) ?? models[1]!;
}

/** Why the real model cannot run here. */
function whyNoModel(model: TestModel = findRealModel()): string | undefined {
  return model.exists() ? undefined : `${model.name}.gguf is missing: run scripts/ensure-llama-server.sh`;
}
