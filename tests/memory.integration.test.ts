import { describe, expect, test } from "vitest";
import { isTestkitError, TestModel, WorkerTestHarness, type TestkitErrorCode } from "inference-testkit";
import {
  assertNoLeak,
  assertReleasedAfterStop,
  judgeLeak,
  monitorMemory,
  type LeakRunOptions,
  type LeakVerdict,
  type MemoryRecord,
} from "inference-testkit/memory";
import { rejectionOf } from "./support/conditions.js";
import { llamaEngine, startLlama } from "./support/engines.js";
import { createFakeGpu } from "./support/fake-gpu.js";
import { complete } from "./support/jobs.js";
import { leakyWorker } from "./support/leaky.js";

const MIB = 1024 ** 2;

/** What the assertion says of a worker, by source; 100 cycles unless said otherwise. */
async function verdictsOf(
  worker: WorkerTestHarness,
  options: LeakRunOptions = {},
): Promise<{ code: TestkitErrorCode | "passed"; verdicts: Record<string, LeakVerdict["status"]> }> {
  const outcome = await assertNoLeak(worker, { gpuDevice: -1, ...options }).catch((error: unknown) => error);
  const verdicts = isTestkitError(outcome)
    ? (outcome.details["verdicts"] as LeakVerdict[])
    : (outcome as MemoryRecord).verdicts;
  const bySource = Object.fromEntries(verdicts.map(({ source, status }) => [source, status]));
  return { code: isTestkitError(outcome) ? outcome.code : "passed", verdicts: bySource };
}

describe("over 100 jobs", () => {
  test("1 MiB per job is a leak, in the worker's own figure and in its process", async () => {
    await using worker = await WorkerTestHarness.launch(leakyWorker(`leak:${MIB}`));
    expect(await verdictsOf(worker)).toEqual({
      code: "MEMORY_LEAK",
      verdicts: { "worker-health": "leak", "worker-metrics": "leak", "process-tree": "leak" },
    });
  });

  test("a worker that releases its memory is healthy", async () => {
    await using worker = await WorkerTestHarness.launch(leakyWorker("steady"));
    expect(await verdictsOf(worker)).toEqual({
      code: "passed",
      verdicts: { "worker-health": "none", "worker-metrics": "none", "process-tree": "none" },
    });
  });

  test("one jump of 200 MiB is a step", async () => {
    await using worker = await WorkerTestHarness.launch(leakyWorker(`step:${200 * MIB}:60`));
    expect(await verdictsOf(worker)).toEqual({
      code: "passed",
      verdicts: { "worker-health": "step", "worker-metrics": "step", "process-tree": "step" },
    });
  });

  test("the bundled worker is healthy", async () => {
    await using worker = await WorkerTestHarness.startMock();
    const { code, verdicts } = await verdictsOf(worker);
    expect(code).toBe("passed");
    expect(verdicts).toEqual({ "worker-health": "none", "worker-metrics": "none", "process-tree": "none" });
  });

  test("real llama.cpp is healthy over 30 jobs", { timeout: llamaEngine.timeoutMs }, async () => {
    await using worker = await startLlama(await TestModel.synthetic());
    const { code, verdicts } = await verdictsOf(worker, { cycles: 30 });
    expect(code).toBe("passed");
    expect(verdicts).toMatchObject({ "worker-health": "none", "process-tree": "none" });
  });
});

test("a restart during the run is inconclusive", async () => {
  await using worker = await WorkerTestHarness.launch(leakyWorker("restarts:10"));
  expect(await verdictsOf(worker, { cycles: 20 })).toEqual({
    code: "MEMORY_INCONCLUSIVE",
    verdicts: { "worker-health": "inconclusive", "worker-metrics": "inconclusive", "process-tree": "inconclusive" },
  });
});

test("a leak of the stub shows in its own figures, and its process is healthy", async () => {
  await using worker = await WorkerTestHarness.startMock({ stub: { memory: { leakBytesPerJob: MIB } } });
  expect(await verdictsOf(worker)).toEqual({
    code: "MEMORY_LEAK",
    verdicts: { "worker-health": "leak", "worker-metrics": "leak", "process-tree": "none" },
  });
});

test("a worker that dies in a job fails with its death, not with a verdict", async () => {
  await using worker = await WorkerTestHarness.launch(leakyWorker("dies:20"));
  expect(await rejectionOf(assertNoLeak(worker, { gpuDevice: -1 }))).toMatchObject({ code: "PROCESS_DIED" });
  await worker.waitForExit();
});

test("a custom job can fail, and its error is passed on", async () => {
  await using worker = await WorkerTestHarness.startMock();
  const cycles: number[] = [];
  const record = await assertNoLeak(worker, {
    cycles: 12,
    job: async (cycle, given) => {
      cycles.push(cycle);
      await Promise.all([complete(given, { max_tokens: 4 }), complete(given, { max_tokens: 4 })]);
    },
  });
  expect(cycles).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  expect(record.samples.filter(({ idle }) => idle).map(({ cycle }) => cycle)).toEqual([0, ...cycles]);

  const failure = new Error("no answer");
  expect(await rejectionOf(assertNoLeak(worker, { job: () => Promise.reject(failure) }))).toBe(failure);
});

describe("on a GPU", () => {
  const UUID = "GPU-932bfb2c-849a-2a22-1e84-9eff6bc02b39";
  const gpus = (mebibytes: number) => `0, ${UUID}, ${mebibytes}, 16280, Tesla V100-PCIE-16GB\n`;
  const apps = (pid: number, mebibytes: number) => `${UUID}, ${pid}, ${mebibytes}\n`;

  /** Twelve cycles, after each of which the GPU uses this much more. */
  async function run(perCycle: number, list: (pid: number, mebibytes: number) => string) {
    await using fake = await createFakeGpu({});
    await using worker = await WorkerTestHarness.launch(leakyWorker("steady"));
    const set = (cycle: number) => {
      const used = 1_000 + perCycle * cycle;
      return fake.set({ gpus: gpus(used + 300), apps: list(worker.pid!, used) });
    };
    await set(0);
    const options = { cycles: 12, job: set, gpuDevice: 0, ...fake.options };
    return await verdictsOf(worker, options);
  }

  test("memory of the worker's process that grows is a leak", async () => {
    expect(await run(50, apps)).toMatchObject({ code: "MEMORY_LEAK", verdicts: { "gpu-process": "leak" } });
  });

  test("constant memory is not a leak", async () => {
    const { code, verdicts } = await run(0, apps);
    expect(code).toBe("passed");
    expect(verdicts).toMatchObject({ "gpu-process": "none" });
    expect(verdicts).not.toHaveProperty("gpu-device");
  });

  test("without figures for the process the whole device is judged, unless it has other users", async () => {
    expect(await run(50, (pid) => `${UUID}, ${pid}, [N/A]\n`)).toMatchObject({
      code: "MEMORY_LEAK",
      verdicts: { "gpu-device": "leak" },
    });
    expect(await run(50, (pid) => `${UUID}, ${pid}, [N/A]\n${UUID}, 1, [N/A]\n`)).toMatchObject({
      code: "MEMORY_INCONCLUSIVE",
      verdicts: { "gpu-device": "inconclusive" },
    });
  });
});

test("memory is watched through load, idle, inference and stop, and is released", async () => {
  await using worker = await WorkerTestHarness.startMock({ stub: { timing: { itlMs: 2 } } });
  await using monitor = await monitorMemory(worker, { everyMs: 10 });
  monitor.phase("inference");
  await complete(worker, { max_tokens: 100 });
  monitor.phase("idle");
  await monitor.sampleIdle();
  await worker.stop();
  await assertReleasedAfterStop(monitor, { withinMs: 5_000 });
  const record = await monitor.stop();

  const peak = (name: string) => record.phases.find((phase) => phase.name === name)?.peakBytes ?? {};
  expect(record.phases.map(({ name }) => name)).toEqual(["idle", "inference", "idle", "after-stop"]);
  expect(peak("inference")["worker-health"]).toBeGreaterThan(peak("idle")["worker-health"]!);
  expect(peak("after-stop")).toEqual({ "process-tree": 0 });
  expect(record.marks).toMatchObject([{ kind: "stopped" }]);
  expect(record.verdicts).toMatchObject([
    { status: "inconclusive" },
    { status: "inconclusive" },
    { status: "inconclusive" },
  ]);
  expect(judgeLeak(record.samples, { source: "process-tree" })).toMatchObject({ cause: "too-few-points" });
});
