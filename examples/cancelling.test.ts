// #region cancelling
import { expect, test } from "vitest";
import {
  assertCancelled,
  cancelAfter,
  makeTestRequest,
  streamEvents,
  waitForIdle,
  WorkerTestHarness,
} from "inference-testkit";

const slow = { stub: { timing: { itlMs: 5 } } };

test("a job stops when it is cancelled", async () => {
  await using worker = await WorkerTestHarness.startMock(slow);
  const response = await worker.execute(makeTestRequest("job-1", "Hello", 2000));

  const result = await cancelAfter(response, { tokens: 3 });

  assertCancelled(result, { withinMs: 1000 });
  await waitForIdle(worker);
});
// #endregion

// #region by-hand
test("cancel whenever you like", async () => {
  await using worker = await WorkerTestHarness.startMock(slow);
  const response = await worker.execute(makeTestRequest("job-1", "Hello", 2000));
  let text = "";

  for await (const event of streamEvents(response)) {
    if (event.type !== "token") continue;
    text += event.t;
    if (text.length > 50) await response.cancel();
  }

  expect(text.length).toBeLessThan(2000);
});
// #endregion

// #region disconnecting
test("a client that disappears leaves no busy slot", async () => {
  await using worker = await WorkerTestHarness.startMock(slow);

  await worker.disconnectAfter(makeTestRequest("job-1", "Hello", 2000), { tokens: 3, how: "reset" });

  await waitForIdle(worker, { timeoutMs: 1000 });
});
// #endregion
