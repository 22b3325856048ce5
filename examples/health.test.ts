// #region health
import { expect, test } from "vitest";
import { collectSseEvents, makeTestRequest, waitForIdle, WorkerTestHarness } from "inference-testkit";

test("the worker describes itself and counts its work", async () => {
  await using worker = await WorkerTestHarness.startMock();
  await collectSseEvents(await worker.execute(makeTestRequest("job-1", "Hello", 7)));
  await waitForIdle(worker);

  const health = await worker.health();
  expect(health).toMatchObject({ status: "healthy", worker_id: worker.workerId, slots: { busy: 0 } });

  const metrics = await worker.metrics();
  expect(metrics.value("worker_requests_total", { outcome: "completed" })).toBe(1);
  expect(metrics.value("worker_tokens_generated_total")).toBe(7);
});
// #endregion
