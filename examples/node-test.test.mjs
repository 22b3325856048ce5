import { after } from "node:test";
import { defineConformanceTests } from "inference-testkit/conformance";
// #region node-test
import assert from "node:assert/strict";
import test from "node:test";
import { assertSuccessfulCompletion, collectSseEvents, extractTokens, makeTestRequest } from "inference-testkit";
import { WorkerTestHarness } from "inference-testkit";

test("a prompt is answered with five tokens", async () => {
  const worker = await WorkerTestHarness.startMock();
  try {
    const events = await collectSseEvents(await worker.execute(makeTestRequest("job-1", "Hello", 5)));

    assertSuccessfulCompletion(events);
    assert.equal(extractTokens(events).length, 5);
  } finally {
    await worker.stop();
  }
});
// #endregion

defineConformanceTests(() => WorkerTestHarness.startMock({ stub: { timing: { itlMs: 3 } } }), {
  test,
  afterAll: after,
  level: "smoke",
  only: ["ready"],
});
