import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rejectionOf } from "../../../../../tests/support/conditions.js";
import { createFakeTool, nvidiaAnswers, type FakeToolAnswers } from "../../../../../tests/support/fake-gpu.js";
import { chooseBackends, type BackendChoice } from "../../../src/memory/gpu/choose-backends.js";
import { GpuReader } from "../../../src/memory/gpu/gpu-reader.js";
import { resolveWorkerDevice } from "../../../src/memory/gpu/choose-backends.js";
import { readGpuMemory, type GpuBackend } from "../../../src/memory/index.js";
import { LIST_OUTPUT, METRIC_OUTPUT, PROCESS_OUTPUT, STATIC_OUTPUT } from "./amd/amd-smi-output.js";
import { CARDS_OUTPUT, PIDS_OUTPUT } from "./amd/rocm-smi-output.js";
import { GPU_OUTPUT } from "./nvidia/nvidia-smi-output.js";

const namesOf = (choice: BackendChoice): string[] => chooseBackends(choice).map(({ backend }) => backend.name);

const own: GpuBackend = {
  name: "my-gpu",
  definitions: { device: "the whole of my GPU", process: "my processes" },
  read: ({ device }) =>
    Promise.resolve({
      gpu: { index: Number(device), uuid: "GPU-1", name: "My GPU", totalBytes: 100 },
      used: { bytes: 7 },
      processes: [{ pid: 1, used: { bytes: 7 } }],
    }),
};

describe("candidates", () => {
  test("the tools of the platform or of the vendor", () => {
    expect(namesOf({ platform: "linux" })).toEqual(["nvidia-smi", "amd-smi", "rocm-smi"]);
    expect(namesOf({ platform: "win32" })).toEqual(["nvidia-smi", "amd-smi", "rocm-smi"]);
    expect(namesOf({ platform: "darwin" })).toEqual(["ioreg"]);
    expect(namesOf({ gpuBackend: "amd", platform: "darwin" })).toEqual(["amd-smi", "rocm-smi"]);
    expect(namesOf({ gpuBackend: own })).toEqual(["my-gpu"]);
  });

  test("a command that names its tool selects it", () => {
    expect(namesOf({ gpuCommand: ["/opt/rocm/bin/rocm-smi"] })).toEqual(["rocm-smi"]);
    expect(namesOf({ gpuCommand: ["ssh", "host", "nvidia-smi.exe"] })).toEqual(["nvidia-smi"]);
    expect(namesOf({ gpuCommand: ["sudo", "amd-smi"], gpuBackend: "amd" })).toEqual(["amd-smi"]);
  });

  test("INVALID_OPTION: a command whose tool is unclear", () => {
    expect(() => chooseBackends({ gpuCommand: ["my-smi"] })).toThrow(
      "Expected `gpuBackend` to be one of nvidia, amd, apple, because `gpuCommand` names none of nvidia-smi, amd-smi, rocm-smi, ioreg, got `undefined`",
    );
    expect(() => chooseBackends({ gpuBackend: own, gpuCommand: ["nvidia-smi"] })).toThrow(
      /`gpuCommand` to be left out/,
    );
  });
});

describe("tools in PATH", () => {
  const AMD = {
    answers: {
      "list -e --json": LIST_OUTPUT.one,
      "static --asic --json": STATIC_OUTPUT.same,
      "metric --mem-usage --gpu 0 --json": METRIC_OUTPUT.list(0),
      "process --gpu 0 --json": PROCESS_OUTPUT.none(0),
    },
  };
  const ROCM = {
    answers: {
      "--showmeminfo vram --showuniqueid --showproductname --json": CARDS_OUTPUT.one,
      "--showpids --json": PIDS_OUTPUT.several,
    },
  };
  const path = process.env["PATH"];
  let folder = "";

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "gpu-tools-"));
    process.env["PATH"] = `${folder}:/usr/bin:/bin`;
  });

  afterEach(async () => {
    process.env["PATH"] = path;
    await rm(folder, { recursive: true });
  });

  /** Reads with the candidates of Linux, on whatever platform the test runs. */
  async function read(tools: Readonly<Record<string, FakeToolAnswers>>, device = 0) {
    const fakes = await Promise.all(Object.values(tools).map(createFakeTool));
    await Promise.all(Object.keys(tools).map((name, index) => fakes[index]!.install(folder, name)));
    const backends = chooseBackends({ platform: "linux" }).map(({ backend }) => backend);
    const answer = await new GpuReader(backends, { device, env: {} }).read();
    await Promise.all(fakes.map((fake) => fake[Symbol.asyncDispose]()));
    return "missing" in answer ? answer.missing : answer.backend.name;
  }

  test("the first that lists a GPU is used", async () => {
    const nvidia = nvidiaAnswers({ gpus: GPU_OUTPUT.several });
    expect(await read({ "nvidia-smi": nvidia, "amd-smi": AMD, "rocm-smi": ROCM })).toBe("nvidia-smi");
    const noDriver = nvidiaAnswers({ gpus: GPU_OUTPUT.noDriver, exitCode: 9 });
    expect(await read({ "nvidia-smi": noDriver, "amd-smi": AMD })).toBe("amd-smi");
    const noDevices = nvidiaAnswers({ gpus: GPU_OUTPUT.noDevices });
    const empty = { answers: { ...AMD.answers, "list -e --json": LIST_OUTPUT.none } };
    expect(await read({ "nvidia-smi": noDevices, "amd-smi": empty, "rocm-smi": ROCM })).toBe("rocm-smi");
  });

  test("the reason from each one is kept", async () => {
    const noDevices = nvidiaAnswers({ gpus: GPU_OUTPUT.noDevices, exitCode: 6 });
    const empty = { answers: { ...AMD.answers, "list -e --json": LIST_OUTPUT.none } };
    expect(await read({ "nvidia-smi": noDevices, "amd-smi": empty })).toBe(
      "nvidia-smi failed (6): No devices were found; amd-smi lists no GPU; rocm-smi was not found: no ROCm on this machine",
    );
  });

  test("an invalid index is an answer: no other vendor's GPU is read instead", async () => {
    const oneGpu = nvidiaAnswers({ gpus: GPU_OUTPUT.carriageReturns });
    const twoGpus = {
      answers: {
        ...AMD.answers,
        "list -e --json": LIST_OUTPUT.several,
        "metric --mem-usage --gpu 1 --json": METRIC_OUTPUT.list(1),
        "process --gpu 1 --json": PROCESS_OUTPUT.none(1),
      },
    };
    expect(await read({ "amd-smi": twoGpus }, 1)).toBe("amd-smi");
    expect(await read({ "nvidia-smi": oneGpu, "amd-smi": twoGpus }, 1)).toMatch(
      /^there is no GPU 1; nvidia-smi lists 0 \(Tesla V100-PCIE-16GB, GPU-[\w-]+\)$/,
    );
  });
});

describe("a custom backend", () => {
  test("is read like a built-in one", async () => {
    expect(await readGpuMemory({ gpuBackend: own, gpuDevice: 3 })).toEqual({
      index: 3,
      uuid: "GPU-1",
      name: "My GPU",
      totalBytes: 100,
      usedBytes: 7,
      pids: [1],
    });
  });

  test.each<[string, GpuBackend["read"], string]>([
    ["that rejects", () => Promise.reject(new Error("no bus")), "my-gpu failed: no bus"],
    [
      "that returns no number",
      async (target) => ({ ...(await own.read(target)), used: { bytes: NaN } }),
      "my-gpu returned a figure that is not a number of bytes",
    ],
    ["that returns nothing", () => Promise.resolve(undefined as never), "my-gpu failed: "],
  ])("%s is GPU_UNAVAILABLE", async (_, read, reason) => {
    const error = await rejectionOf(readGpuMemory({ gpuBackend: { ...own, read } }));
    expect(error).toMatchObject({ code: "GPU_UNAVAILABLE" });
    expect(error.message).toContain(reason);
  });

  test("that never answers is abandoned", async () => {
    const hanging = { ...own, read: () => new Promise<never>(() => undefined) };
    const reader = new GpuReader([hanging], { device: 0, env: {} }, 20);
    expect(await reader.read()).toEqual({ missing: "my-gpu did not answer within 20 ms", hung: true });
  });
});

describe("the device that a worker reports", () => {
  const linux = chooseBackends({ platform: "linux" });
  const mac = chooseBackends({ platform: "darwin" });
  const found = (reported: string, candidates = linux) => {
    const answer = resolveWorkerDevice(reported, candidates);
    return "missing" in answer
      ? answer.missing
      : [answer.device, ...answer.candidates.map(({ backend }) => backend.name)];
  };

  test("selects the backends for its API, and the index", () => {
    expect(found("cuda:1")).toEqual([1, "nvidia-smi", "amd-smi", "rocm-smi"]);
    expect(found("ROCm:1")).toEqual([1, "amd-smi", "rocm-smi"]);
    expect(found("hip")).toEqual([0, "amd-smi", "rocm-smi"]);
    expect(found("metal", mac)).toEqual([0, "ioreg"]);
    expect(found("vulkan:2", chooseBackends({ gpuBackend: own }))).toEqual([2, "my-gpu"]);
    expect(found("NVIDIA A100")).toEqual([0, "nvidia-smi", "amd-smi", "rocm-smi"]);
    expect(found("")).toEqual([0, "nvidia-smi", "amd-smi", "rocm-smi"]);
  });

  test("of another API has no index here", () => {
    expect(found("vulkan:0")).toBe(
      "the worker runs on `vulkan:0`, which nvidia-smi, amd-smi, rocm-smi may number differently: set `gpuDevice`",
    );
    expect(found("metal")).toContain("may number differently");
    expect(found("cuda:0", mac)).toContain("may number differently");
  });
});
