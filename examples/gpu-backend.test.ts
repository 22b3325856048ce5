// #region gpu-backend
import { expect, test } from "vitest";
import { readGpuMemory, type GpuBackend } from "inference-testkit/memory";

const gpuBackend: GpuBackend = {
  name: "my-gpu",
  definitions: { device: "memory in use on the whole GPU (my-gpu)", process: "not available" },
  read: async ({ device }) => ({
    gpu: { index: Number(device), uuid: "GPU-1", name: "My GPU", totalBytes: 16 * 1024 ** 3 },
    used: await readUsedBytes(), // { bytes } or { missing: "why" }
    processes: { missing: "my-gpu does not list processes" },
  }),
};

test("the GPU is empty", async () => {
  expect((await readGpuMemory({ gpuBackend })).usedBytes).toBe(0);
});
// #endregion

async function readUsedBytes(): Promise<{ bytes: number }> {
  return Promise.resolve({ bytes: 0 });
}
