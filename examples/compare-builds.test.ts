// #region compare-builds
import { expect, test } from "vitest";
import { makeTestRequest, WorkerTestHarness } from "inference-testkit";
import { compareRuns, interleave, runLoad } from "inference-testkit/load";

test("the new build is not clearly slower than the old one", { timeout: 60_000 }, async () => {
  await using oldBuild = await WorkerTestHarness.startMock({ parallel: 4, stub: { timing: { ttftMs: 30, itlMs: 5 } } });
  await using newBuild = await WorkerTestHarness.startMock({ parallel: 4, stub: { timing: { ttftMs: 30, itlMs: 5 } } });

  const measure = (worker: WorkerTestHarness) => () =>
    runLoad(worker, {
      profile: { kind: "concurrency", clients: 4 },
      requests: (index) => makeTestRequest(`job-${index}`, "Write a story", 20),
      stop: { count: 24 },
      warmup: { count: 4 },
    });
  const { a, b } = await interleave(measure(oldBuild), measure(newBuild), { repeats: 5 });
  const comparison = compareRuns(a, b, { allow: ["workerVersion"], tolerance: 0.5, tailTolerance: 1 });

  expect(comparison.status, comparison.message).not.toBe("fail");
});
// #endregion
