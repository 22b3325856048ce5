import { collectSseEvents, createWorkerPool, makeTestRequest, TestModel, WorkerTestHarness } from "inference-testkit";
import { expect, test } from "vitest";

/** Each has a real model, one worker and one token. */
const TEST_COUNT = 200;

test("200 tests on one model load it once", { timeout: 180_000 }, async () => {
  const { path } = await TestModel.synthetic();
  await using pool = createWorkerPool({
    start: ({ signal }) => WorkerTestHarness.start(path, -1, { threads: 1, signal }),
    reuse: "clean",
  });
  const pids = new Set<number | undefined>();
  for (let index = 0; index < TEST_COUNT; index += 1) {
    const { worker, release } = await pool.take({ test: `test ${index}` });
    pids.add(worker.pid);
    await collectSseEvents(await worker.execute(makeTestRequest(`job-${index}`, "Hello", 1)));
    expect(await release()).toEqual({ status: "kept" });
  }

  expect(pool.startCount).toBe(1);
  expect(pids.size).toBe(1);
});
