// #region pool
import { afterAll, expect, test } from "vitest";
import {
  collectSseEvents,
  createWorkerPool,
  extractTokens,
  makeTestRequest,
  WorkerTestHarness,
} from "inference-testkit";

const pool = createWorkerPool({
  start: ({ signal }) => WorkerTestHarness.startMock({ signal }),
  reuse: "clean",
});

afterAll(() => pool.close());

test("a test borrows a worker", async () => {
  await using lease = await pool.take({ test: "a test borrows a worker" });
  const events = await collectSseEvents(await lease.worker.execute(makeTestRequest("job-1", "Hello", 5)));

  expect(extractTokens(events)).toHaveLength(5);
});
// #endregion

test("a worker is kept if it is clean", async () => {
  const lease = await pool.take();
  const report = await lease.release();

  expect(report.status).toBe("kept");
  expect(pool.startCount).toBe(1);
});
