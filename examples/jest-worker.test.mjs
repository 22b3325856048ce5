// #region jest-worker
import { expect } from "@jest/globals";
import { collectSseEvents, makeTestRequest } from "inference-testkit";
import { test } from "inference-testkit/jest";
import { matchers } from "inference-testkit/matchers";

expect.extend(matchers);

const workerTest = test.extend({ workerPool: { scope: "file" } }); // one worker for the tests of this file

workerTest("a prompt is answered with five tokens", async ({ worker }) => {
  const events = await collectSseEvents(await worker.execute(makeTestRequest("job-1", "Hello", 5)));

  expect(events).toHaveTokenCount(5);
});
// #endregion

workerTest("the next test has a clean worker", async ({ worker }) => {
  expect((await worker.health()).slots.busy).toBe(0);
});
