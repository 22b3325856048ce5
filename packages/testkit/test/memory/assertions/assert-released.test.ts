import { describe, expect, test } from "vitest";
import { WorkerTestHarness } from "../../../src/index.js";
import {
  assertReleasedAfterStop,
  monitorMemory,
  type MemoryRecord,
  type ReleaseOptions,
} from "../../../src/memory/index.js";
import type { MemorySample } from "../../../src/memory/sample.js";
import { rejectionOf } from "../../../../../tests/support/conditions.js";
import { createFakeGpu } from "../../../../../tests/support/fake-gpu.js";
import { leakyWorker } from "../../../../../tests/support/leaky.js";
import { availableSource, recordOf } from "../records.js";
import { APPS_OUTPUT, GPU_OUTPUT } from "../gpu/nvidia/nvidia-smi-output.js";

const MIB = 1024 ** 2;

const afterStop: Omit<MemorySample, "atMs"> = {
  tookMs: 1,
  phase: "after-stop",
  idle: false,
  incarnation: 1,
  worker: "stopped",
  bytes: {},
};

/** Samples at 100, 200 … ms of a worker that was stopped at 100 ms. */
function stoppedRecord(
  samples: readonly Partial<MemorySample>[],
  names: readonly (keyof MemorySample["bytes"])[],
  mark: MemoryRecord["marks"][number]["kind"] = "stopped",
): MemoryRecord {
  const stopped = samples.map((fields, index) => ({ ...afterStop, atMs: 100 * (index + 1), ...fields }));
  const marks = [{ kind: mark, atMs: 100, detail: "exit code 0" }];
  return recordOf(stopped, { sources: names.map(availableSource), marks });
}

const tree = (...bytes: number[]) =>
  stoppedRecord(
    bytes.map((one) => ({ bytes: { "process-tree": one } })),
    ["process-tree"],
  );
const failure = (record: MemoryRecord, options?: ReleaseOptions) =>
  rejectionOf(assertReleasedAfterStop(record, options));

describe("a record", () => {
  test("passes when it is released before the deadline, and fails when only after it", async () => {
    await assertReleasedAfterStop(tree(5, 5, 0));
    await assertReleasedAfterStop(tree(5, 5, 0), { withinMs: 200 });
    expect(await failure(tree(5, 5, 0), { withinMs: 150 })).toMatchObject({
      code: "MEMORY_NOT_RELEASED",
      details: { left: [{ source: "process-tree", bytes: 5, allowed: 0 }] },
    });
  });

  test("MEMORY_NOT_RELEASED lists what is left", async () => {
    const error = await failure(tree(300 * MIB, 100 * MIB), { headroomBytes: 10 * MIB });
    expect(error.message).toContain("process-tree: 100.0 MiB in use, expected at most 10.0 MiB");
  });

  test("within the headroom is released", async () => {
    await assertReleasedAfterStop(tree(300 * MIB, 5 * MIB), { headroomBytes: 10 * MIB });
  });

  test("MEMORY_INCONCLUSIVE: a worker that died was not stopped", async () => {
    const died = stoppedRecord([{ bytes: { "process-tree": 0 } }], ["process-tree"], "died");
    expect(await failure(died)).toMatchObject({ code: "MEMORY_INCONCLUSIVE" });
  });

  test("MEMORY_INCONCLUSIVE: nothing was read after the stop, or nothing outlives the worker", async () => {
    expect((await failure(stoppedRecord([{}], ["process-tree"]))).message).toContain(
      "no sample after the stop has figures of process-tree",
    );
    const own = stoppedRecord([{ bytes: { "worker-health": 5 } }], ["worker-health"]);
    expect((await failure(own)).message).toContain("no source is available that outlives the worker");
  });
});

describe("the GPU as a whole", () => {
  const gpu = (bytes: number, pids: readonly number[] = []) =>
    stoppedRecord([{ bytes: { "gpu-device": bytes }, gpuNeighbours: { status: "unknown", pids } }], ["gpu-device"]);

  test("needs a baseline", async () => {
    expect(await failure(gpu(5))).toMatchObject({ code: "MEMORY_INCONCLUSIVE" });
    await assertReleasedAfterStop(gpu(900 * MIB), { baselineBytes: 850 * MIB });
    expect(await failure(gpu(900 * MIB), { baselineBytes: 800 * MIB })).toMatchObject({ code: "MEMORY_NOT_RELEASED" });
    expect(await failure(gpu(900 * MIB), { baselineBytes: 850 * MIB, headroomBytes: 0 })).toMatchObject({
      code: "MEMORY_NOT_RELEASED",
    });
  });

  test("with other users is inconclusive either way, unless `exclusiveGpu` is set", async () => {
    for (const baselineBytes of [100 * MIB, 900 * MIB]) {
      const error = await failure(gpu(900 * MIB, [4711]), { baselineBytes });
      expect(error).toMatchObject({ code: "MEMORY_INCONCLUSIVE" });
      expect(error.message).toContain("other processes use the GPU: pid 4711");
    }
    await assertReleasedAfterStop(gpu(900 * MIB, [4711]), { baselineBytes: 900 * MIB, exclusiveGpu: true });
  });
});

describe("a monitor", () => {
  test("of a stopped worker passes", async () => {
    await using worker = await WorkerTestHarness.launch(leakyWorker("steady"));
    await using monitor = await monitorMemory(worker, { gpuDevice: -1 });
    expect(await rejectionOf(assertReleasedAfterStop(monitor))).toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining("Expected a worker that was stopped") as string,
    });
    await worker.stop();
    await assertReleasedAfterStop(monitor);
  });

  test("is sampled again until the driver has released the memory", async () => {
    await using fake = await createFakeGpu({ gpus: GPU_OUTPUT.several });
    await using worker = await WorkerTestHarness.launch(leakyWorker("steady"));
    const apps = `${APPS_OUTPUT.two.split(",", 1)[0]!}, ${worker.pid!}, 700\n`;
    await fake.set({ gpus: GPU_OUTPUT.several, apps });
    await using monitor = await monitorMemory(worker, { ...fake.options });
    await worker.stop();

    const error = await rejectionOf(assertReleasedAfterStop(monitor, { withinMs: 20 }));
    expect(error.message).toContain("gpu-process: 700.0 MiB in use, expected at most 0 B");
    const waiting = assertReleasedAfterStop(monitor, { baselineBytes: 3_250 * MIB });
    await fake.set({ gpus: GPU_OUTPUT.several });
    await waiting;
  });
});

test.each<[ReleaseOptions, RegExp]>([
  [{ withinMs: 0 }, /`withinMs`/],
  [{ headroomBytes: -1 }, /`headroomBytes`/],
  [{ baselineBytes: Infinity }, /`baselineBytes`/],
  [{ sources: [] }, /`sources`/],
  [{ within: 1 } as ReleaseOptions, /got `within`/],
])("INVALID_OPTION: %o", async (options, message) => {
  const error = await failure(tree(0), options);
  expect(error).toMatchObject({ code: "INVALID_OPTION" });
  expect(error.message).toMatch(message);
});
