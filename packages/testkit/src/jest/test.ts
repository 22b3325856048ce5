import { afterAll, expect, test as base } from "@jest/globals";
import { Pools, runWithWorker, type WorkerFixtures, type WorkerTestOptions } from "../fixtures/index.js";
import { readJestLimit } from "./read-limit.js";

/** The body of a test. */
type Body = (fixtures: WorkerFixtures) => unknown;

/** Defines tests that get a worker. */
export interface WorkerTest {
  /** @param timeoutMs the limit of this test, as for Jest's own `test`. */
  (name: string, body: Body, timeoutMs?: number): void;
  only(name: string, body: Body, timeoutMs?: number): void;
  skip(name: string, body: Body, timeoutMs?: number): void;
  /** A `test` whose workers have these options. @example const workerTest = test.extend({ workerOptions: { command: "./my-worker" } }); */
  extend(options: WorkerTestOptions): WorkerTest;
}

/** Closing waits for workers that are being stopped. */
const CLOSE_TIMEOUT_MS = 60_000;
const pools = new Pools(); // Jest loads this module anew for each file

afterAll(() => pools.close(), CLOSE_TIMEOUT_MS);

/**
 * Jest's `test` with a worker: started for the test, stopped with it, its log printed if the test fails, and its waits ended before Jest ends
 * the test.
 *
 * @example
 * import { test } from "inference-testkit/jest";
 * test("says hello", async ({ worker }) => {
 *   await worker.execute(makeTestRequest("job-1", "Hello", 5));
 * });
 */
export const test: WorkerTest = createTest({});

function createTest(options: WorkerTestOptions): WorkerTest {
  const wrap = (body: Body, timeoutMs: number | undefined) => async (): Promise<void> => {
    const startedAtMs = performance.now();
    const { currentTestName: name = "a test", testPath = "" } = expect.getState();
    const limit = () => ({ runner: "Jest", limitMs: readJestLimit(timeoutMs), startedAtMs });
    await runWithWorker({
      options,
      test: { name, id: testPath, limit },
      pools: { file: pools, run: () => undefined },
      body,
    });
  };
  const define: Omit<WorkerTest, "only" | "skip" | "extend"> & ((...given: Parameters<WorkerTest>) => void) = (
    name,
    body,
    timeoutMs,
  ) => base(name, wrap(body, timeoutMs), timeoutMs);
  return Object.assign(define, {
    only: (name: string, body: Body, timeoutMs?: number) => base.only(name, wrap(body, timeoutMs), timeoutMs),
    skip: (name: string, body: Body, timeoutMs?: number) => base.skip(name, wrap(body, timeoutMs), timeoutMs),
    extend: (more: WorkerTestOptions) => createTest({ ...options, ...more }),
  });
}
