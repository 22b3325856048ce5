// #region golden
import { makeTestRequest, WorkerTestHarness } from "inference-testkit";
import { expect, test } from "inference-testkit/vitest";

test("answers as it did before", async () => {
  await using worker = await WorkerTestHarness.startMock();
  const request = makeTestRequest("job-1", "The capital of France is", 8, { seed: 42 });

  await expect(worker).toMatchGolden("capital-of-france", request, {
    key: { version: "any" }, // the stub says the same in every release; leave this out for an engine
  });
});
// #endregion
