import { describe, expect, test } from "vitest";
import { parseComputeApps, parseGpus, parseMigInstances } from "../../../../src/memory/gpu/nvidia/parse-nvidia-smi.js";
import { APPS_OUTPUT, GPU_OUTPUT, LIST_OUTPUT, UUIDS } from "./nvidia-smi-output.js";

const MIB = 1024 ** 2;

describe("GPUs", () => {
  test("several", () => {
    expect(parseGpus(GPU_OUTPUT.several)).toEqual({
      problem: undefined,
      rows: [
        {
          index: 0,
          uuid: UUIDS.a,
          name: "Tesla V100-PCIE-16GB",
          used: { bytes: 3256 * MIB },
          total: { bytes: 16280 * MIB },
        },
        {
          index: 1,
          uuid: UUIDS.b,
          name: "Tesla V100-PCIE-16GB",
          used: { bytes: 4 * MIB },
          total: { bytes: 16280 * MIB },
        },
      ],
    });
  });

  test.each(["carriageReturns", "withUnits"] as const)("%s", (form) => {
    expect(parseGpus(GPU_OUTPUT[form]).rows).toEqual(parseGpus(GPU_OUTPUT.several).rows.slice(0, 1));
  });

  test.each([
    ["notAvailable", "[N/A]"],
    ["notSupported", "[Not Supported]"],
    ["insufficientPermissions", "[Insufficient Permissions]"],
    ["unknownError", "[Unknown Error]"],
  ] as const)("%s: the reason instead of a figure", (form, missing) => {
    const { rows, problem } = parseGpus(GPU_OUTPUT[form]);
    expect(problem).toBeUndefined();
    expect(rows).toMatchObject([{ index: 0, uuid: UUIDS.a, used: { missing } }]);
  });

  test("a lost GPU does not hide the others", () => {
    expect(parseGpus(GPU_OUTPUT.oneIsLost)).toMatchObject({
      rows: [{ index: 0, used: { bytes: 3256 * MIB } }],
      problem: "Unable to determine the device handle for GPU 0000:0B:00.0: Unknown Error",
    });
  });

  test.each([
    ["noDevices", "No devices were found"],
    ["noDriver", /^NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver\./],
    ["versionMismatch", "Failed to initialize NVML: Driver/library version mismatch"],
  ] as const)("%s is not a row", (form, problem) => {
    expect(parseGpus(GPU_OUTPUT[form])).toEqual({ rows: [], problem: expect.stringMatching(problem) as string });
  });

  test("a name with a comma is kept whole; empty output has no rows", () => {
    expect(parseGpus(`0, ${UUIDS.a}, 1, 2, Quadro, Max-Q\n`).rows[0]?.name).toBe("Quadro, Max-Q");
    expect(parseGpus("")).toEqual({ rows: [], problem: undefined });
    expect(parseGpus(`0, ${UUIDS.a}\n`).rows).toMatchObject([{ used: { missing: "no figure" } }]);
  });
});

describe("processes", () => {
  test("two on two GPUs", () => {
    expect(parseComputeApps(APPS_OUTPUT.two).rows).toEqual([
      { gpuUuid: UUIDS.a, pid: 114687, used: { bytes: 19135 * MIB } },
      { gpuUuid: UUIDS.b, pid: 28290, used: { bytes: 1012 * MIB } },
    ]);
  });

  test("an empty list is a valid answer", () => {
    expect(parseComputeApps(APPS_OUTPUT.none)).toEqual({ rows: [], problem: undefined });
  });

  test("without figures they are still known", () => {
    expect(parseComputeApps(APPS_OUTPUT.notAvailable).rows).toMatchObject([
      { pid: 114687, used: { missing: "[N/A]" } },
    ]);
    expect(parseComputeApps(APPS_OUTPUT.insufficientPermissions).rows).toMatchObject([
      { pid: 524, used: { missing: "[Insufficient Permissions]" } },
    ]);
  });

  test("an error in their place is a problem", () => {
    expect(parseComputeApps(GPU_OUTPUT.noDriver)).toMatchObject({
      rows: [],
      problem: expect.stringMatching(/^NVIDIA-SMI/) as string,
    });
  });
});

test("MIG instances belong to the GPU above them", () => {
  expect(parseMigInstances(LIST_OUTPUT.mig)).toEqual([
    { uuid: UUIDS.mig, gpuUuid: UUIDS.a },
    { uuid: "MIG-3adbed3a-d03d-549f-a016-ba1fd7359f23", gpuUuid: UUIDS.a },
  ]);
  expect(parseMigInstances(LIST_OUTPUT.plain)).toEqual([]);
});
