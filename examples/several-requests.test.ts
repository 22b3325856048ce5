// #region several-requests
import { expect, test } from "vitest";
import { assertSuccessfulCompletion, collectSseEvents, makeTestRequest, WorkerTestHarness } from "inference-testkit";

test("ten requests at once are all answered", async () => {
  await using worker = await WorkerTestHarness.startMock({ parallel: 4 });

  const jobs = Array.from({ length: 10 }, (_, index) => makeTestRequest(`job-${index}`, `Prompt ${index}`, 20));
  const streams = await Promise.all(jobs.map(async (job) => collectSseEvents(await worker.execute(job))));

  for (const events of streams) assertSuccessfulCompletion(events);
  expect((await worker.health()).slots).toEqual({ total: 4, busy: 0, queued: 0 });
});
// #endregion
