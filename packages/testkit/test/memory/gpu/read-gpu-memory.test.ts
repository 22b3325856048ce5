import { describe, expect, test } from "vitest";
import { createFakeGpu, type FakeGpuAnswers } from "../../../../../tests/support/fake-gpu.js";
import { rejectionOf } from "../../../../../tests/support/conditions.js";
import { chooseBackends } from "../../../src/memory/gpu/choose-backends.js";
import { GpuReader } from "../../../src/memory/gpu/gpu-reader.js";
import { readGpuMemory, waitForGpuMemoryToClear } from "../../../src/memory/index.js";
import { APPS_OUTPUT, GPU_OUTPUT, LIST_OUTPUT, UUIDS } from "./nvidia/nvidia-smi-output.js";

const MIB = 1024 ** 2;

test("a GPU with its processes", async () => {
  await using fake = await createFakeGpu({ gpus: GPU_OUTPUT.several, apps: APPS_OUTPUT.two });

  expect(await readGpuMemory({ gpuDevice: 1, ...fake.options })).toEqual({
    index: 1,
    uuid: UUIDS.b,
    name: "Tesla V100-PCIE-16GB",
    totalBytes: 16280 * MIB,
    usedBytes: 4 * MIB,
    pids: [28290],
  });
});

test("a MIG instance selects its GPU, and processes of its instances are found", async () => {
  const apps = `${UUIDS.mig}, 1, 5\n${UUIDS.a}, 2, 5\n${UUIDS.b}, 3, 5\n`;
  await using fake = await createFakeGpu({ gpus: GPU_OUTPUT.several, apps, list: LIST_OUTPUT.mig });

  const memory = await readGpuMemory({ gpuDevice: UUIDS.mig, ...fake.options });
  expect(memory).toMatchObject({ index: 0, pids: [1, 2], note: expect.stringContaining("whole GPU") as string });
});

describe("GPU_UNAVAILABLE reports the reason", () => {
  test.each<[string, FakeGpuAnswers, RegExp]>([
    ["no GPU", { gpus: GPU_OUTPUT.noDevices, exitCode: 6 }, /\/bin\/sh failed \(6\): No devices were found/],
    ["no GPU, without a word", { exitCode: 6 }, /\/bin\/sh failed \(6\): No devices were found/],
    [
      "no driver",
      { gpus: GPU_OUTPUT.noDriver, exitCode: 9 },
      /failed \(9\): NVIDIA-SMI has failed because it couldn't/,
    ],
    ["another driver", { gpus: GPU_OUTPUT.versionMismatch, exitCode: 18 }, /failed \(18\): Failed to initialize NVML/],
    ["an error with exit code 0", { gpus: GPU_OUTPUT.noDevices }, /cannot be read: No devices were found/],
    ["no output", {}, /nvidia-smi lists no GPU/],
    ["a GPU without figures", { gpus: GPU_OUTPUT.notAvailable }, /cannot be read: \[N\/A\]/],
    ["no permission", { gpus: GPU_OUTPUT.insufficientPermissions }, /cannot be read: \[Insufficient Permissions\]/],
  ])("%s", async (_, answers, message) => {
    await using fake = await createFakeGpu(answers);
    const error = await rejectionOf(readGpuMemory({ ...fake.options }));
    expect(error).toMatchObject({ code: "GPU_UNAVAILABLE" });
    expect(error.message).toMatch(message);
  });

  test("no nvidia-smi, or one that cannot be run", async () => {
    const missing = await rejectionOf(readGpuMemory({ gpuBackend: "nvidia", gpuCommand: "no-such-nvidia-smi" }));
    expect(missing.message).toContain("no-such-nvidia-smi was not found: no NVIDIA driver on this machine");
    const forbidden = await rejectionOf(readGpuMemory({ gpuBackend: "nvidia", gpuCommand: "/etc/passwd" }));
    expect(forbidden.message).toMatch(/\/etc\/passwd could not be started: .*EACCES/);
  });

  test("one that hangs", async () => {
    await using fake = await createFakeGpu({ hangs: true });
    const backends = chooseBackends({ ...fake.options, timeoutMs: 50 }).map(({ backend }) => backend);
    const reader = new GpuReader(backends, { device: 0, env: {} });
    expect(await reader.read()).toEqual({ missing: "/bin/sh did not answer within 50 ms", hung: true });
  });
});

describe("waitForGpuMemoryToClear", () => {
  test("resolves once memory in use is low enough", async () => {
    await using fake = await createFakeGpu({ gpus: GPU_OUTPUT.several });
    const options = { toBytes: 100 * MIB, ...fake.options, everyMs: 10 };
    const waiting = waitForGpuMemoryToClear(options);
    await fake.set({ gpus: GPU_OUTPUT.several.replace("3256", "90") });
    expect((await waiting).usedBytes).toBe(90 * MIB);
  });

  test("GPU_MEMORY_TIMEOUT names the GPU, the figures and the processes", async () => {
    await using fake = await createFakeGpu({ gpus: GPU_OUTPUT.several, apps: APPS_OUTPUT.two });
    const options = { toBytes: 100 * MIB, ...fake.options, everyMs: 10, timeoutMs: 30 };
    const error = await rejectionOf(waitForGpuMemoryToClear(options));
    expect(error).toMatchObject({ code: "GPU_MEMORY_TIMEOUT" });
    expect(error.message).toContain(
      "GPU 0 (Tesla V100-PCIE-16GB) still has 3.18 GiB in use after 30 ms, expected at most 100.0 MiB; processes: 114687",
    );
    await fake.set({ gpus: GPU_OUTPUT.several });
    expect((await rejectionOf(waitForGpuMemoryToClear(options))).message).toContain("no process is listed");
  });

  test("stops for the signal", async () => {
    await using fake = await createFakeGpu({ gpus: GPU_OUTPUT.several });
    const controller = new AbortController();
    const options = { toBytes: 0, ...fake.options, signal: controller.signal };
    const waiting = rejectionOf(waitForGpuMemoryToClear(options));
    controller.abort(new Error("enough"));
    expect((await waiting).message).toBe("enough");
  });

  test.each([
    [{ toBytes: -1 }, /`toBytes`/],
    [{ toBytes: 0, timeoutMs: 0 }, /`timeoutMs`/],
    [
      { toBytes: 0, gpuDevice: -1 },
      /Expected `gpuDevice` to be a whole number from 0 to 127, or a UUID \(GPU-…, MIG-…, 0x…\), got `-1`/,
    ],
    [{ toBytes: 0, gpuDevice: "cuda:0" }, /`gpuDevice`/],
    [{ toBytes: 0, gpuCommand: [] }, /`gpuCommand`/],
    [{ toBytes: 0, device: 0 }, /got `device`/],
  ])("INVALID_OPTION: %o", async (options, message) => {
    const error = await rejectionOf(waitForGpuMemoryToClear(options));
    expect(error).toMatchObject({ code: "INVALID_OPTION" });
    expect(error.message).toMatch(message);
  });
});
