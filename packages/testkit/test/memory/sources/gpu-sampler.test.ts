import { describe, expect, test } from "vitest";
import { createFakeTool } from "../../../../../tests/support/fake-gpu.js";
import { leakyWorker } from "../../../../../tests/support/leaky.js";
import { WorkerTestHarness } from "../../../src/index.js";
import { monitorMemory } from "../../../src/memory/index.js";
import { LIST_OUTPUT, METRIC_OUTPUT, PROCESS_OUTPUT, STATIC_OUTPUT } from "../gpu/amd/amd-smi-output.js";

const MIB = 1024 ** 2;

describe("a GPU of AMD", () => {
  async function look(processes: (pid: number) => string, env = {}) {
    await using worker = await WorkerTestHarness.launch({ ...leakyWorker("steady"), env });
    await using fake = await createFakeTool({
      answers: {
        "list -e --json": LIST_OUTPUT.several,
        "static --asic --json": STATIC_OUTPUT.same,
        "metric --mem-usage --gpu 0 --json": METRIC_OUTPUT.list(0),
        "metric --mem-usage --gpu 1 --json": METRIC_OUTPUT.list(1),
        "process --gpu 0 --json": processes(worker.pid!),
        "process --gpu 1 --json": PROCESS_OUTPUT.none(1),
      },
    });
    const options = { gpuBackend: "amd", gpuCommand: fake.gpuCommand, gpuDevice: 0 } as const;
    await using monitor = await monitorMemory(worker, options);
    return {
      ...(await monitor.sample()),
      source: monitor.snapshot().sources.find(({ name }) => name === "gpu-process"),
    };
  }

  test("the worker's process; one with 0 bytes is on another GPU and does not count", async () => {
    const seen = await look((pid) =>
      PROCESS_OUTPUT.of(0, [
        [pid, 700 * MIB],
        [1, 0],
      ]),
    );
    expect(seen.bytes).toMatchObject({ "gpu-device": 2048 * MIB, "gpu-process": 700 * MIB });
    expect(seen.gpuNeighbours).toEqual({ status: "none", pids: [] });
    expect(seen.source?.definition).toContain("amd-smi process");
  });

  test("a foreign process next to it", async () => {
    const seen = await look((pid) =>
      PROCESS_OUTPUT.of(0, [
        [pid, 5],
        [1, 5],
      ]),
    );
    expect(seen.gpuNeighbours).toEqual({ status: "present", pids: [1] });
  });

  test("a list without the worker", async () => {
    const seen = await look(() => PROCESS_OUTPUT.of(0, [[1, 5]]));
    expect(seen.bytes).not.toHaveProperty("gpu-process");
    expect(seen.source?.reason).toMatch(/^amd-smi does not list the worker among the processes/);
    expect(seen.gpuNeighbours).toEqual({ status: "unknown", pids: [1] });
  });

  test("the GPU of the worker's environment", async () => {
    const seen = await look(() => PROCESS_OUTPUT.none(0), { ROCR_VISIBLE_DEVICES: "1" });
    expect(seen.bytes["gpu-device"]).toBe(2049 * MIB);
  });
});
