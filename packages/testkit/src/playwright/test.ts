import { test as base, type TestInfo } from "@playwright/test";
import {
  borrowWorker,
  Pools,
  WorkerSession,
  type SessionTest,
  type WorkerFixtures,
  type WorkerTestOptions,
} from "../fixtures/index.js";

/** Those that only other fixtures use. */
interface OwnFixtures {
  /** When the fixtures of the test began, on the clock of `performance.now()`. */
  readonly fixturesStartedAtMs: number;
}

interface ProcessFixtures {
  readonly processPools: Pools;
}

type TestOptions = { readonly [K in keyof WorkerTestOptions]-?: NonNullable<WorkerTestOptions[K]> };

/**
 * Playwright Test's `test` with a worker: started when a test names it, stopped when the test ends, its log printed if the test fails, and its
 * waits ended before Playwright ends the test. A pool with `scope: "file"` lives as long as Playwright's worker process.
 *
 * @example
 * import { test } from "inference-testkit/playwright";
 * test.use({ workerOptions: { command: "./my-worker", args: ["--port", "{port}"] } });
 * test("says hello", async ({ worker }) => {
 *   await worker.execute(makeTestRequest("job-1", "Hello", 5));
 * });
 */
export const test = base.extend<WorkerFixtures & TestOptions & OwnFixtures, ProcessFixtures>({
  workerOptions: [{}, { option: true }],
  workerPool: [{}, { option: true }],
  evidence: [{}, { option: true }],
  fixturesStartedAtMs: [async ({}, use) => use(performance.now()), { auto: true }],
  processPools: [
    async ({}, use) => {
      const pools = new Pools();
      await use(pools);
      await pools.close();
    },
    { scope: "worker" },
  ],
  worker: async ({ workerOptions, workerPool, evidence, processPools, fixturesStartedAtMs }, use, info) => {
    const test = describeTest(info, fixturesStartedAtMs);
    const request = { test: `"${test.name}"`, workerOptions, workerPool };
    const borrow = borrowWorker(request, { file: processPools, run: () => undefined });
    const session = await WorkerSession.begin(borrow, { test, kind: "worker", evidence });
    await use(session.worker);
    const hasFailed = info.status !== info.expectedStatus;
    const ended = await Promise.allSettled([session.end()]);
    const [end] = ended;
    if (hasFailed || end.status === "rejected") await session.fail(findError(info, end));
    if (end.status === "rejected") throw end.reason as Error;
  },
});

function describeTest(info: TestInfo, startedAtMs: number): SessionTest {
  const limit = () => ({ runner: "Playwright", limitMs: info.timeout, startedAtMs });
  return { name: info.titlePath.slice(1).join(" > "), id: info.testId, limit };
}

function findError(info: TestInfo, end: PromiseSettledResult<void>): unknown {
  return info.error?.message ?? (end.status === "rejected" ? (end.reason as unknown) : "the test failed");
}
