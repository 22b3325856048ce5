import { afterAll } from "@jest/globals";
import { defineConformanceTests } from "inference-testkit/conformance";
// #region jest
import { expect, test } from "@jest/globals";
import { collectSseEvents, makeTestRequest, WorkerTestHarness } from "inference-testkit";
import { matchers } from "inference-testkit/matchers";

expect.extend(matchers);

test("a prompt is answered with five tokens", async () => {
  const worker = await WorkerTestHarness.startMock();
  try {
    const events = await collectSseEvents(await worker.execute(makeTestRequest("job-1", "Hello", 5)));

    expect(events).toCompleteSuccessfully();
    expect(events).toHaveTokenCount(5);
  } finally {
    await worker.stop();
  }
});
// #endregion

defineConformanceTests(() => WorkerTestHarness.startMock({ stub: { timing: { itlMs: 3 } } }), {
  test,
  afterAll,
  level: "smoke",
  only: ["ready"],
});
