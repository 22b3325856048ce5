import { test as base, type TestAPI } from "vitest";
import { TestModel } from "../models/index.js";
import { createOutput } from "../terminal/index.js";
import { gpuDevice, modelPath, WORKER_OPTIONS, WorkerTestHarness, type MockWorkerOptions } from "../harness/index.js";
import { defineOptions, resolveOptions, withDefault, type OptionsOf } from "../options/index.js";
import { recordTest, type EvidenceFixtureOptions, type TestFacts } from "./evidence.js";

const LLAMA = defineOptions({
  /** Path of a GGUF file. @default the synthetic model, which is written once and needs no download */
  modelPath: modelPath(),
  /** GPU number; -1 is the CPU. @default -1 */
  gpuDevice: withDefault(gpuDevice(), -1),
});
const LLAMA_OPTIONS: typeof LLAMA & typeof WORKER_OPTIONS = { ...LLAMA, ...WORKER_OPTIONS };

/** Options of {@link InferenceFixtures.llamaWorker}. */
export interface LlamaFixtureOptions extends OptionsOf<typeof LLAMA_OPTIONS> {}

/** The fixtures of the `test` from `inference-testkit/vitest`; a fixture that a test does not name is not started. */
export interface InferenceFixtures {
  /** Options of `mockWorker`; set them for a file or a suite with `test.override("mockOptions", …)`. */
  readonly mockOptions: MockWorkerOptions;
  /** Options of `llamaWorker`; set them with `test.override("llamaOptions", …)`. */
  readonly llamaOptions: LlamaFixtureOptions;
  /**
   * Records the traffic of a test's workers, one bundle per worker. Nothing is recorded unless `folder` is set, as with
   * `test.override("evidence", { folder: "evidence" })`.
   */
  readonly evidence: EvidenceFixtureOptions;
  /** A worker in stub mode, one per test. */
  readonly mockWorker: WorkerTestHarness;
  /** A worker with real llama.cpp, one per test; one CPU thread by default. */
  readonly llamaWorker: WorkerTestHarness;
}

/** Number of worker log lines to print when a test fails. */
const FAILURE_LOG_LINES = 50;

/**
 * Vitest's `test` with workers as fixtures: started when a test names them, stopped when it ends, with their log printed if
 * it fails.
 *
 * @example
 * import { expect, test } from "inference-testkit/vitest";
 * test("says hello", async ({ mockWorker }) => {
 *   const events = await collectSseEvents(await mockWorker.execute(makeTestRequest("job-1", "Hello", 5)));
 *   expect(events).toCompleteSuccessfully();
 * });
 */
export const test: TestAPI<InferenceFixtures> = base.extend<InferenceFixtures>({
  mockOptions: {},
  llamaOptions: {},
  evidence: {},
  mockWorker: async ({ mockOptions, evidence, task, onTestFailed }, use) => {
    const worker = await WorkerTestHarness.startMock(mockOptions);
    await useWorker({ worker, evidence, kind: "mock", test: { task, onTestFailed } }, use);
  },
  llamaWorker: async ({ llamaOptions, evidence, task, onTestFailed }, use) => {
    const { modelPath: _path, gpuDevice: _device, ...options } = llamaOptions;
    const resolved = resolveOptions(LLAMA_OPTIONS, llamaOptions, "llamaOptions");
    const path = resolved.modelPath ?? (await TestModel.synthetic()).path;
    const worker = await WorkerTestHarness.start(path, resolved.gpuDevice, { threads: 1, ...options });
    await useWorker({ worker, evidence, kind: "llama", test: { task, onTestFailed } }, use);
  },
});

interface Use {
  readonly worker: WorkerTestHarness;
  readonly evidence: EvidenceFixtureOptions;
  /** Distinguishes the workers of one test. */
  readonly kind: string;
  readonly test: TestFacts;
}

async function useWorker(
  { worker, evidence, kind, test: facts }: Use,
  use: (worker: WorkerTestHarness) => Promise<void>,
): Promise<void> {
  facts.onTestFailed(() => {
    const output = createOutput(process.stderr);
    const lines = worker.logs.tail(FAILURE_LOG_LINES);
    output.line(`last ${lines.length} log lines of worker ${worker.workerId}:`);
    for (const line of lines) output.line(`  | ${line}`);
  });
  try {
    await recordTest(worker, evidence, { test: facts, kind });
    await use(worker);
  } finally {
    await worker.stop();
  }
}
