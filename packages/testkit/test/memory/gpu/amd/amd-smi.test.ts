import { describe, expect, test } from "vitest";
import { createFakeTool, type FakeToolAnswers } from "../../../../../../tests/support/fake-gpu.js";
import { chooseBackends } from "../../../../src/memory/gpu/choose-backends.js";
import { GpuReader } from "../../../../src/memory/gpu/gpu-reader.js";
import { AMD_UUIDS, LIST_OUTPUT, METRIC_OUTPUT, PROCESS_OUTPUT, STATIC_OUTPUT } from "./amd-smi-output.js";

const MIB = 1024 ** 2;

interface Reading {
  readonly list?: string;
  readonly statics?: string;
  readonly metric?: string;
  readonly process?: string;
  readonly device?: number | string;
  readonly env?: Record<string, string>;
  readonly more?: FakeToolAnswers;
}

function answersOf({ list = LIST_OUTPUT.several, statics = STATIC_OUTPUT.same, metric, process }: Reading) {
  const ofGpu = (gpu: number): [string, string][] => [
    [`metric --mem-usage --gpu ${gpu} --json`, metric ?? METRIC_OUTPUT.list(gpu)],
    [`process --gpu ${gpu} --json`, process ?? PROCESS_OUTPUT.none(gpu)],
  ];
  const listings = [["list -e --json", list] as const, ["static --asic --json", statics] as const];
  return Object.fromEntries([...listings, ...ofGpu(0), ...ofGpu(1)]);
}

async function read(reading: Reading) {
  const { device = 0, env = {}, more } = reading;
  await using fake = await createFakeTool({ answers: answersOf(reading), ...more });
  // The command names no tool, so both tools of AMD are tried; amd-smi is the first.
  const [amdSmi] = chooseBackends({ gpuBackend: "amd", gpuCommand: fake.gpuCommand });
  return await new GpuReader([amdSmi!.backend], { device, env }).read();
}

async function indexOf(reading: Reading): Promise<number | string> {
  const answer = await read(reading);
  return "missing" in answer ? answer.missing : answer.gpu.index;
}

test("a GPU with its processes; amd-smi prints MB for MiB", async () => {
  const process = PROCESS_OUTPUT.of(1, [
    [41, 48_000],
    [42, 0],
  ]);
  expect(await read({ device: 1, process })).toMatchObject({
    gpu: { index: 1, uuid: AMD_UUIDS.b, name: "AMD Instinct MI300X", totalBytes: 16368 * MIB },
    used: { bytes: 2049 * MIB },
    processes: [
      { pid: 41, used: { bytes: 48_000 } },
      { pid: 42, used: { bytes: 0 } },
    ],
  });
});

describe("output variants", () => {
  test.each(["list", "wrapped", "bare"] as const)("the figures as %s", async (form) => {
    const metric = METRIC_OUTPUT[form](0);
    expect(await read({ metric })).toMatchObject({ used: { bytes: 2048 * MIB }, processes: [] });
  });

  test.each([
    [METRIC_OUTPUT.notAvailable, "amd-smi used_vram: N/A"],
    [METRIC_OUTPUT.notAvailableAtAll, "amd-smi used_vram: N/A"],
    [METRIC_OUTPUT.withoutFigure, "no amd-smi used_vram"],
  ])("unavailable values are missing: %#", async (metric, missing) => {
    expect(await read({ metric })).toMatchObject({ used: { missing } });
  });

  test("a process without a figure is still listed", async () => {
    const missing = "amd-smi vram_mem: N/A";
    expect(await read({ process: PROCESS_OUTPUT.notAvailable })).toMatchObject({
      processes: [
        { pid: 41, used: { missing } },
        { pid: 42, used: { missing } },
      ],
    });
    expect(await read({ process: PROCESS_OUTPUT.noList })).toMatchObject({
      processes: { missing: "amd-smi process_list: none" },
    });
  });

  test("advice before the JSON", async () => {
    expect(await indexOf({ list: LIST_OUTPUT.afterAdvice })).toBe(0);
  });

  test("a GPU without a name is still read", async () => {
    expect(await read({ list: LIST_OUTPUT.one, statics: STATIC_OUTPUT.notAvailable })).toMatchObject({
      gpu: { name: "AMD GPU" },
      used: { bytes: 2048 * MIB },
    });
  });

  test.each([1, 10, 60, 100])("the list truncated after %i characters", async (length) => {
    const answer = await read({ list: LIST_OUTPUT.one.slice(0, length) });
    expect(answer).toMatchObject({ missing: expect.stringMatching(/^amd-smi printed incomplete JSON: \[/) as string });
  });

  test("figures truncated anywhere are missing, never a different number", async () => {
    const whole = METRIC_OUTPUT.list(0);
    for (let length = 0; length < whole.trimEnd().length; length += 37) {
      const answer = await read({ metric: whole.slice(0, length) });
      expect(answer, whole.slice(0, length)).toHaveProperty("missing");
    }
  });
});

describe("why there is nothing to read", () => {
  test.each<[string, Reading, RegExp]>([
    ["no GPU", { list: LIST_OUTPUT.none }, /^amd-smi lists no GPU$/],
    [
      "no driver",
      { more: { answers: {}, errors: LIST_OUTPUT.noDriver, exitCode: 255 } },
      /^\/bin\/sh failed \(\d+\): ERROR:root:Drivers not loaded/,
    ],
    ["no output", { list: "", more: { errors: "" } }, /^amd-smi printed nothing$/],
    ["a sentence", { list: "Nothing to see\n" }, /^amd-smi printed no JSON: Nothing to see$/],
  ])("%s", async (_, reading, missing) => {
    expect(await indexOf(reading)).toMatch(missing);
  });

  test("a tool that hangs is not waited for", async () => {
    await using fake = await createFakeTool({ hangs: true });
    const choice = { gpuBackend: "amd", gpuCommand: fake.gpuCommand, timeoutMs: 50 } as const;
    const reader = new GpuReader([chooseBackends(choice)[0]!.backend], { device: 0, env: {} });
    expect(await reader.read()).toEqual({ missing: "/bin/sh did not answer within 50 ms", hung: true });
  });
});

describe("a release without `list -e`", () => {
  const older = (statics: string): FakeToolAnswers => {
    const { "list -e --json": _unsupported, ...answers } = answersOf({ statics });
    return { answers: { ...answers, "list --json": LIST_OUTPUT.plain } };
  };

  test("is read if the GPUs are the same", async () => {
    expect(await indexOf({ device: 1, more: older(STATIC_OUTPUT.same) })).toBe(1);
  });

  test("needs a UUID if they differ: the order of HIP is unknown", async () => {
    const more = older(STATIC_OUTPUT.mixed);
    expect(await indexOf({ more })).toMatch(/^amd-smi does not print in which order HIP counts: .*UUID.*8060S/);
    expect(await indexOf({ more, device: "45ff744c" })).toBe(1);
    expect(await indexOf({ more, env: { HIP_VISIBLE_DEVICES: "45ff744c" } })).toBe(1);
  });
});

describe("which GPU", () => {
  test("the index is that of HIP, not of amd-smi", async () => {
    expect(await indexOf({ list: LIST_OUTPUT.reversed })).toBe(1);
    expect(await indexOf({ list: LIST_OUTPUT.oneHidden })).toBe(1);
    expect(await indexOf({ list: LIST_OUTPUT.oneHidden, device: 1 })).toMatch(/^there is no GPU 1; amd-smi lists 0 /);
  });

  test.each<[Record<string, string>, number | RegExp]>([
    [{ HIP_VISIBLE_DEVICES: "1" }, 1],
    [{ CUDA_VISIBLE_DEVICES: "1" }, 1],
    [{ ROCR_VISIBLE_DEVICES: "1" }, 1],
    [{ HIP_VISIBLE_DEVICES: "0", CUDA_VISIBLE_DEVICES: "1" }, 0],
    [{ HIP_VISIBLE_DEVICES: "", CUDA_VISIBLE_DEVICES: "1" }, 1],
    [{ HIP_VISIBLE_DEVICES: "", CUDA_VISIBLE_DEVICES: "" }, 0],
    [{ ROCR_VISIBLE_DEVICES: "1,0", HIP_VISIBLE_DEVICES: "1" }, 0],
    [{ ROCR_VISIBLE_DEVICES: AMD_UUIDS.b }, 1],
    [{ HIP_VISIBLE_DEVICES: ` ${AMD_UUIDS.b.toUpperCase()}` }, 1],
    [{ ROCR_VISIBLE_DEVICES: "" }, /^GPU 0 is not visible with ROCR_VISIBLE_DEVICES=; amd-smi lists 0 /],
    [{ HIP_VISIBLE_DEVICES: "-1" }, /^GPU 0 is not visible with HIP_VISIBLE_DEVICES=-1;/],
    [{ ROCR_VISIBLE_DEVICES: "1", HIP_VISIBLE_DEVICES: "1" }, /^GPU 0 is not visible with ROCR_.*=1 HIP_.*=1;/],
  ])("%o", async (env, wanted) => {
    const index = await indexOf({ env });
    if (typeof wanted === "number") expect(index).toBe(wanted);
    else expect(index).toMatch(wanted);
  });

  test("a UUID, or its prefix if only one GPU has it", async () => {
    expect(await indexOf({ device: "GPU-a3" })).toBe(1);
    expect(await indexOf({ device: "GPU-" })).toMatch(/^several GPUs have the UUID GPU-;/);
    expect(await indexOf({ device: "GPU-ffff" })).toMatch(/^no GPU has the UUID GPU-ffff; amd-smi lists/);
  });
});
