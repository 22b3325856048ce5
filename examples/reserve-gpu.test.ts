import { expect, test } from "vitest";
import { isTestkitError, TestModel } from "inference-testkit";
import { readGpuMemory } from "inference-testkit/memory";

const missing = await readGpuMemory().then(
  () => undefined,
  (error: unknown) =>
    isTestkitError(error, "GPU_UNAVAILABLE") ? error.message.split("\n")[0] : Promise.reject(error as Error),
);
const model = await TestModel.synthetic();

test("a worker waits for its share of a GPU", async (context) => {
  context.skip(missing !== undefined, missing);
  await reserveAndStart();
});

// #region reserve-gpu
import { WorkerTestHarness } from "inference-testkit";
import { reserveGpu } from "inference-testkit/memory";

async function reserveAndStart() {
  await using gpu = await reserveGpu({ name: "llama-8b", vramMiB: 9_000 });
  await using worker = await WorkerTestHarness.start(model.path, gpu.device);
  expect((await worker.health()).status).toBe("healthy");
}
// #endregion
