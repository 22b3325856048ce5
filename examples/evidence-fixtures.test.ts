// #region fixtures
import { collectSseEvents, makeTestRequest } from "inference-testkit";
import { expect, test } from "inference-testkit/vitest";

test.override("evidence", { folder: "evidence", redact: true }); // for this file; kept for tests that fail

test("a test that leaves a bundle if it fails", async ({ mockWorker }) => {
  const events = await collectSseEvents(await mockWorker.execute(makeTestRequest("job-1", "Hello", 5)));

  expect(events).toCompleteSuccessfully();
});
// #endregion
