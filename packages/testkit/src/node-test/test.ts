import { after, test as base, type TestContext, type TestOptions } from "node:test";
import { Pools, runWithWorker, type WorkerFixtures, type WorkerTestOptions } from "../fixtures/index.js";
import { readNodeLimit } from "./read-limit.js";

/** The body of a test; `context` is what node:test passes. */
type Body = (fixtures: WorkerFixtures, context: TestContext) => unknown;
type Given = readonly [name: string, body: Body] | readonly [name: string, options: TestOptions, body: Body];

/** Defines tests that get a worker. */
export interface WorkerTest {
  (name: string, body: Body): Promise<void>;
  /** @param options those of node:test, such as `{ timeout: 10_000 }`. */
  (name: string, options: TestOptions, body: Body): Promise<void>;
  /** A `test` whose workers have these options. @example const workerTest = test.extend({ workerOptions: { command: "./my-worker" } }); */
  extend(options: WorkerTestOptions): WorkerTest;
}

const pools = new Pools();

after(() => pools.close());

/**
 * The `test` of node:test with a worker: started for the test, stopped with it, its log printed if the test fails, and its waits ended before
 * the runner ends the test, if that has a time-out.
 *
 * @example
 * import { test } from "inference-testkit/node-test";
 * test("says hello", async ({ worker }) => {
 *   await worker.execute(makeTestRequest("job-1", "Hello", 5));
 * });
 */
export const test: WorkerTest = createTest({});

function createTest(workerOptions: WorkerTestOptions): WorkerTest {
  const define = (...given: Given): Promise<void> => {
    const [name, options, body] = given.length === 3 ? given : ([given[0], {} as TestOptions, given[1]] as const);
    return base(name, options, async (context) => {
      const startedAtMs = performance.now();
      const limit = () => readNodeLimit(options.timeout, startedAtMs);
      const test = { name, id: process.argv[1] ?? "", limit };
      const reachable = { file: pools, run: () => undefined };
      await runWithWorker({ options: workerOptions, test, pools: reachable, body: (own) => body(own, context) });
    });
  };
  return Object.assign(define, { extend: (more: WorkerTestOptions) => createTest({ ...workerOptions, ...more }) });
}
