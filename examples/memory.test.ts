// #region memory
import { expect, test } from "vitest";
import { collectSseEvents, isTestkitError, makeTestRequest, WorkerTestHarness } from "inference-testkit";
import {
  assertNoLeak,
  assertReleasedAfterStop,
  monitorMemory,
  readGpuMemory,
  waitForGpuMemoryToClear,
} from "inference-testkit/memory";

test("memory does not grow over a hundred jobs", async () => {
  await using worker = await WorkerTestHarness.startMock();

  const record = await assertNoLeak(worker, { cycles: 100 });

  for (const { source, status } of record.verdicts) expect(status, source).toBe("none");
});

test("a slow leak would not fill the GPU in 100,000 jobs", async () => {
  await using worker = await WorkerTestHarness.startMock();
  const [MiB, GiB] = [1024 ** 2, 1024 ** 3];

  const known = { remainingCycles: 100_000, limitBytes: 2 * GiB, minGrowthBytes: 1 * MiB };
  await assertNoLeak(worker, { cycles: 50, sources: ["worker-health"], ...known });
});

test("memory is released when the worker stops", async () => {
  await using worker = await WorkerTestHarness.startMock();
  await using monitor = await monitorMemory(worker, { everyMs: 20 });

  monitor.phase("inference");
  await collectSseEvents(await worker.execute(makeTestRequest("job-1", "Hello", 200)));
  await worker.stop();
  await assertReleasedAfterStop(monitor, { withinMs: 5_000 });

  const { phases } = await monitor.stop();
  expect(phases.map(({ name }) => name)).toEqual(["idle", "inference", "after-stop"]);
});

test("the GPU is empty before a model is loaded", async (context) => {
  const before = await readGpuMemory({ gpuDevice: 0 }).catch((error: unknown) => error);
  if (isTestkitError(before, "GPU_UNAVAILABLE")) return context.skip(before.message.split("\n", 1)[0]);

  await waitForGpuMemoryToClear({ gpuDevice: 0, toBytes: 512 * 1024 ** 2, timeoutMs: 30_000 });
});
// #endregion
