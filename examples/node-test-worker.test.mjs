// #region node-test-worker
import assert from "node:assert/strict";
import { collectSseEvents, extractTokens, makeTestRequest } from "inference-testkit";
import { test } from "inference-testkit/node-test";

const workerTest = test.extend({ workerPool: { scope: "file" } }); // one worker for the tests of this file

workerTest("a prompt is answered with five tokens", { timeout: 20_000 }, async ({ worker }) => {
  const events = await collectSseEvents(await worker.execute(makeTestRequest("job-1", "Hello", 5)));

  assert.equal(extractTokens(events).length, 5);
});
// #endregion

workerTest("the next test has a clean worker", async ({ worker }) => {
  assert.equal((await worker.health()).slots.busy, 0);
});
