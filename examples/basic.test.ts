// #region basic
import { expect, test } from "vitest";
import {
  assertSuccessfulCompletion,
  assertTokenCount,
  collectSseEvents,
  extractTokens,
  makeTestRequest,
  WorkerTestHarness,
} from "inference-testkit";

test("a prompt is answered with five tokens", async () => {
  await using worker = await WorkerTestHarness.startMock();

  const response = await worker.execute(makeTestRequest("job-1", "Hello", 5));
  const events = await collectSseEvents(response);

  assertSuccessfulCompletion(events);
  assertTokenCount(events, 5);
  expect(extractTokens(events).join("")).not.toBe("");
});
// #endregion
