import { totalmem } from "node:os";
import { expect, test } from "vitest";
import { createFakeTool } from "../../../../../../tests/support/fake-gpu.js";
import { readGpuMemory } from "../../../../src/memory/index.js";
import { rejectionOf } from "../../../../../../tests/support/conditions.js";
import { IOREG_OUTPUT } from "./ioreg-output.js";

async function read(output: string, gpuDevice: number | string = 0) {
  await using fake = await createFakeTool({ answers: { "-r -d 1 -w 0 -c IOAccelerator": output } });
  return await readGpuMemory({ gpuBackend: "apple", gpuCommand: fake.gpuCommand, gpuDevice });
}

const failureOf = async (output: string, gpuDevice?: number | string) =>
  (await rejectionOf(read(output, gpuDevice))).message.split("\n", 1)[0];

test("the used part of the unified memory; macOS lists no processes", async () => {
  expect(await read(IOREG_OUTPUT.m1)).toEqual({
    index: 0,
    uuid: "0x10000087c",
    name: "Apple M1 Pro",
    totalBytes: totalmem(),
    note: "the GPU shares the memory of the machine: the total is all of it",
    usedBytes: 340_983_808,
    pids: undefined,
  });
});

test("the driver's part is a separate figure", async () => {
  expect((await read(IOREG_OUTPUT.m4)).usedBytes).toBe(28_367_667_200);
});

test("several GPUs, by index or by registry id", async () => {
  const both = `${IOREG_OUTPUT.m1}\n${IOREG_OUTPUT.m4}`;
  expect((await read(both, 1)).name).toBe("Apple M4");
  expect((await read(both, "0x10000076B")).name).toBe("Apple M4");
  expect(await failureOf(both, 2)).toContain(
    "there is no GPU 2; ioreg lists 0 (Apple M1 Pro, 0x10000087c), 1 (Apple M4",
  );
});

test.each<[string, keyof typeof IOREG_OUTPUT, string]>([
  ["an Intel Mac", "intel", "ioreg prints no `In use system memory` of the GPU"],
  ["output that is cut off", "truncated", "ioreg prints no complete `PerformanceStatistics` of the GPU"],
  ["no accelerator", "none", "ioreg lists no IOAccelerator"],
])("%s has no figure", async (_, form, reason) => {
  expect(await failureOf(IOREG_OUTPUT[form])).toContain(reason);
});
