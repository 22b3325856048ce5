import { inject, test as base, type TestAPI, type TestContext } from "vitest";
import {
  borrowOwn,
  borrowWorker,
  Pools,
  startFixtureWorker,
  WorkerSession,
  type Borrow,
  type EvidenceFixtureOptions,
  type ModelWorkerOptions,
  type PoolFixtureOptions,
  type WorkerFixtureOptions,
} from "../fixtures/index.js";
import type { MockWorkerOptions, WorkerTestHarness } from "../harness/index.js";
import { TestModel } from "../models/index.js";
import { EVIDENCE_KEY, RUN_KEY } from "./provided.js";
import { describeTest } from "./describe-test.js";

/** The fixtures of the `test` from `inference-testkit/vitest`; a fixture that a test does not name is not started. */
export interface InferenceFixtures {
  /**
   * Which worker the fixture `worker` is: any program (`{ command, args, … }`), worker-orcd with a model (`{ modelPath }`), or, by default, the
   * stub. Set it for a file or a suite with `test.override("workerOptions", …)`, for a project with `provide: { workerOptions: … }`.
   */
  readonly workerOptions: WorkerFixtureOptions;
  /**
   * Where `worker` comes from: a process per test by default, or a pool of the file or the run. Set it for a file or a suite with `test.override({ workerPool: … })`
   * (Vitest takes a value with the key `scope` for its own options in the other form), for a project with `provide`.
   *
   * @example test.override({ workerPool: { scope: "file", spares: 2, reuse: "never" } });
   */
  readonly workerPool: PoolFixtureOptions;
  /** Options of `mockWorker`; set them for a file or a suite with `test.override("mockOptions", …)`. */
  readonly mockOptions: MockWorkerOptions;
  /** Options of `llamaWorker`; set them with `test.override("llamaOptions", …)`. Without `modelPath`, the synthetic model. */
  readonly llamaOptions: ModelWorkerOptions;
  /**
   * Records the traffic of a test's workers, one bundle per worker. Nothing is recorded unless `folder` is set, as with
   * `test.override("evidence", { folder: "evidence" })`, or the reporter `inference-testkit/vitest/reporter` is used, which sets one.
   */
  readonly evidence: EvidenceFixtureOptions;
  /** The worker that `workerOptions` and `workerPool` describe. Its waits end before Vitest ends the test. */
  readonly worker: WorkerTestHarness;
  /** A worker in stub mode, one per test. */
  readonly mockWorker: WorkerTestHarness;
  /** A worker with real llama.cpp, one per test; one CPU thread by default. */
  readonly llamaWorker: WorkerTestHarness;
}

/** Those that only other fixtures use. */
interface AllFixtures extends InferenceFixtures {
  readonly filePools: Pools;
}

/**
 * Vitest's `test` with workers as fixtures: started when a test names them, stopped when it ends, with their log printed if
 * it fails.
 *
 * @example
 * import { expect, test } from "inference-testkit/vitest";
 * test("says hello", async ({ worker }) => {
 *   const events = await collectSseEvents(await worker.execute(makeTestRequest("job-1", "Hello", 5)));
 *   expect(events).toCompleteSuccessfully();
 * });
 */
export const test: TestAPI<InferenceFixtures> = base.extend<AllFixtures>({
  workerOptions: [{}, { injected: true }],
  workerPool: [{}, { injected: true }],
  mockOptions: {},
  llamaOptions: {},
  evidence: {},
  filePools: [
    async ({}, use) => {
      const pools = new Pools();
      await use(pools);
      await pools.close();
    },
    { scope: "file" },
  ],
  worker: async ({ workerOptions, workerPool, filePools, evidence, task, onTestFailed }, use) => {
    const request = { test: `"${task.fullTestName}"`, workerOptions, workerPool };
    const borrow = borrowWorker(request, { file: filePools, run: () => inject(RUN_KEY) });
    await useWorker({ borrow, evidence, kind: "worker", test: { task, onTestFailed } }, use);
  },
  mockWorker: async ({ mockOptions, evidence, task, onTestFailed }, use) => {
    const borrow = borrowOwn((signal) => startFixtureWorker({ stub: undefined, ...mockOptions }, signal));
    await useWorker({ borrow, evidence, kind: "mock", test: { task, onTestFailed } }, use);
  },
  llamaWorker: async ({ llamaOptions, evidence, task, onTestFailed }, use) => {
    const borrow = borrowOwn(async (signal) => {
      const modelPath = llamaOptions.modelPath ?? (await TestModel.synthetic()).path;
      return startFixtureWorker({ ...llamaOptions, modelPath }, signal);
    });
    await useWorker({ borrow, evidence, kind: "llama", test: { task, onTestFailed } }, use);
  },
});

interface Use {
  readonly borrow: Borrow;
  readonly evidence: EvidenceFixtureOptions;
  /** Distinguishes the workers of one test. */
  readonly kind: string;
  readonly test: Pick<TestContext, "task" | "onTestFailed">;
}

/** Vitest reports a failed test only after its fixtures are gone. */
async function useWorker(
  { borrow, evidence, kind, test: { task, onTestFailed } }: Use,
  use: (worker: WorkerTestHarness) => Promise<void>,
): Promise<void> {
  const recorded = { ...inject(EVIDENCE_KEY), ...evidence };
  const session = await WorkerSession.begin(borrow, { test: describeTest(task), kind, evidence: recorded });
  onTestFailed(async ({ task: failed }) => {
    const [error] = failed.result?.errors ?? [];
    await session.fail(error?.message ?? "the test failed");
  });
  try {
    await use(session.worker);
  } finally {
    await session.end().finally(async () => {
      const workers = task.meta.inferenceTestkit?.workers ?? [];
      task.meta.inferenceTestkit = { workers: [...workers, await session.account(kind)] };
    });
  }
}
