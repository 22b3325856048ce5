// #region several-requests
import { test } from "vitest";
import { assertAllOk, makeTestRequest, waitForIdle, WorkerTestHarness } from "inference-testkit";

test("ten requests at once are all answered", async () => {
  await using worker = await WorkerTestHarness.startMock({ parallel: 4 });

  const jobs = Array.from({ length: 10 }, (_, index) => makeTestRequest(`job-${index}`, `Prompt ${index}`, 20));
  const outcomes = await worker.executeAll(jobs);

  assertAllOk(outcomes);
  await waitForIdle(worker, { timeoutMs: 5_000 }); // no slot is lost
});
// #endregion
