import { describe, expect, test } from "vitest";
import { collectSseEvents, makeTestRequest, WorkerTestHarness } from "../../../src/index.js";
import { monitorMemory, type MemoryMonitor, type MonitorOptions } from "../../../src/memory/index.js";
import { IdleGate } from "../../../src/memory/monitor/idle-gate.js";
import { rejectionOf, waitFor } from "../../../../../tests/support/conditions.js";
import { createFakeGpu, type FakeGpuAnswers } from "../../../../../tests/support/fake-gpu.js";
import { leakyWorker } from "../../../../../tests/support/leaky.js";
import { GPU_OUTPUT, UUIDS } from "../gpu/nvidia/nvidia-smi-output.js";

const MIB = 1024 ** 2;

async function runJob(worker: WorkerTestHarness): Promise<void> {
  await collectSseEvents(await worker.execute(makeTestRequest("job-1", "Hello", 3)));
}

function sourceOf(monitor: MemoryMonitor, name: string) {
  return monitor.snapshot().sources.find((source) => source.name === name);
}

describe("sources", () => {
  test("the worker's own figures and its processes; the GPU sources have a reason", async () => {
    await using worker = await WorkerTestHarness.launch(leakyWorker("steady"));
    await using monitor = await monitorMemory(worker, { gpuBackend: "nvidia", gpuCommand: "no-such-nvidia-smi" });
    const { samples, sources } = await monitor.stop();

    expect(samples[0]?.bytes).toEqual({
      "worker-health": 100 * MIB,
      "worker-metrics": 100 * MIB,
      "process-tree": expect.any(Number) as number,
    });
    expect(samples[0]?.bytes["process-tree"]).toBeGreaterThan(10 * MIB);
    expect(sources.map(({ name, status }) => [name, status])).toEqual([
      ["worker-health", "available"],
      ["worker-metrics", "available"],
      ["process-tree", "available"],
      ["gpu-device", "unavailable"],
      ["gpu-process", "unavailable"],
    ]);
    expect(sources[3]?.reason).toBe("no-such-nvidia-smi was not found: no NVIDIA driver on this machine");
    expect(sources[3]?.failedCount).toBe(1);
  });

  test("for a worker that reports nothing, its processes remain", async () => {
    await using worker = await WorkerTestHarness.launch(leakyWorker("bare"));
    await using monitor = await monitorMemory(worker, { gpuDevice: -1 });
    expect(sourceOf(monitor, "worker-health")).toMatchObject({
      status: "unavailable",
      reason: "`/health` has no `vram_bytes`",
    });
    expect(sourceOf(monitor, "worker-metrics")).toMatchObject({
      status: "unavailable",
      reason: expect.stringContaining("answered 404") as string,
    });
    expect(sourceOf(monitor, "process-tree")?.status).toBe("available");
    expect(sourceOf(monitor, "gpu-device")?.reason).toBe("the worker runs on the CPU (gpuDevice -1)");
    expect(monitor.snapshot().idleBy).toBe("caller");
  });

  test("memory of a child process counts", async () => {
    await using worker = await WorkerTestHarness.launch(leakyWorker(`child:${150 * MIB}`));
    await using monitor = await monitorMemory(worker, { sources: ["process-tree"] });
    expect((await monitor.sample()).bytes["process-tree"]).toBeGreaterThan(180 * MIB);
    expect(monitor.snapshot().sources).toHaveLength(1);
  });

  test("the processes of an attached worker are known only by `pid`", async () => {
    await using worker = await WorkerTestHarness.launch(leakyWorker("steady"));
    await using attached = await WorkerTestHarness.attach(worker.baseUrl);
    await using without = await monitorMemory(attached, { gpuDevice: -1 });
    expect(sourceOf(without, "process-tree")?.reason).toBe(
      "the worker was attached: its process is not known; set its `pid`",
    );
    await using withPid = await monitorMemory(attached, { gpuDevice: -1, pid: worker.pid });
    expect(sourceOf(withPid, "process-tree")?.status).toBe("available");
  });

  test("the stub reports that it has no GPU, and no GPU is read", async () => {
    await using worker = await WorkerTestHarness.startMock();
    await using monitor = await monitorMemory(worker, { gpuBackend: "nvidia", gpuCommand: "no-such-nvidia-smi" });
    expect(sourceOf(monitor, "gpu-device")?.reason).toBe(
      "the worker reports that it runs on `stub`, and no `gpuDevice` was given",
    );
    expect(monitor.snapshot().idleBy).toBe("slots");
  });
});

describe("the GPU", () => {
  const gpus = GPU_OUTPUT.several;

  async function look(apps: (pid: number) => string, answers: FakeGpuAnswers = { gpus }, mode = "steady") {
    await using worker = await WorkerTestHarness.launch(leakyWorker(mode));
    await using fake = await createFakeGpu({ ...answers, apps: apps(worker.pid!) });
    await using monitor = await monitorMemory(worker, { ...fake.options });
    const { bytes, gpuNeighbours } = await monitor.sample();
    return { bytes, gpuNeighbours, process: sourceOf(monitor, "gpu-process"), device: sourceOf(monitor, "gpu-device") };
  }

  test("device and worker, without other users", async () => {
    const seen = await look((pid) => `${UUIDS.a}, ${pid}, 700\n${UUIDS.b}, 1, 900\n`);
    expect(seen.bytes).toMatchObject({ "gpu-device": 3256 * MIB, "gpu-process": 700 * MIB });
    expect(seen.gpuNeighbours).toEqual({ status: "none", pids: [] });
    expect(seen.device?.device).toEqual({
      index: 0,
      uuid: UUIDS.a,
      name: "Tesla V100-PCIE-16GB",
      totalBytes: 16280 * MIB,
    });
  });

  test("a foreign process next to it", async () => {
    const seen = await look((pid) => `${UUIDS.a}, ${pid}, 700\n${UUIDS.a}, 1, 900\n`);
    expect(seen.bytes["gpu-process"]).toBe(700 * MIB);
    expect(seen.gpuNeighbours).toEqual({ status: "present", pids: [1] });
  });

  test.each([
    ["nobody", "", []],
    ["numbers of another namespace only", `${UUIDS.a}, 1, 900\n`, [1]],
  ])("a container that lists %s: other users are unknown", async (_, apps, pids) => {
    const seen = await look(() => apps);
    expect(seen.bytes["gpu-device"]).toBe(3256 * MIB);
    expect(seen.bytes).not.toHaveProperty("gpu-process");
    expect(seen.process?.reason).toMatch(/^nvidia-smi does not list the worker among the processes/);
    expect(seen.gpuNeighbours).toEqual({ status: "unknown", pids });
  });

  test("WSL reports no memory per process", async () => {
    const seen = await look((pid) => `${UUIDS.a}, ${pid}, [N/A]\n`);
    expect(seen.process).toMatchObject({
      status: "unavailable",
      reason: "nvidia-smi reports no memory for a process: [N/A]",
    });
    expect(seen.gpuNeighbours?.status).toBe("none");
  });

  test("the definitions name the tool that was used", async () => {
    const { device, process } = await look(() => "");
    expect(device?.definition).toBe(
      "memory in use on the whole GPU (nvidia-smi --query-gpu=memory.used), by any process",
    );
    expect(process?.definition).toBe("GPU memory of the worker's processes (nvidia-smi --query-compute-apps)");
  });

  test("the GPU of the worker's environment", async () => {
    await using fake = await createFakeGpu({ gpus });
    await using worker = await WorkerTestHarness.startMock({ env: { CUDA_VISIBLE_DEVICES: "1" } });
    await using monitor = await monitorMemory(worker, { gpuDevice: 0, ...fake.options });
    expect((await monitor.sample()).bytes["gpu-device"]).toBe(4 * MIB);
  });

  test("a hung driver is not queried again, and the other sources work", async () => {
    const seen = await look(() => "", { gpus: GPU_OUTPUT.noDriver, exitCode: 9 });
    expect(seen.device).toMatchObject({
      status: "unavailable",
      failedCount: 1,
      reason: expect.stringContaining("communicate with the NVIDIA driver") as string,
    });
    expect(seen.bytes["worker-health"]).toBe(100 * MIB);
  });
});

describe("schedule", () => {
  test("samples automatically, in chronological order, and records its cost", async () => {
    await using worker = await WorkerTestHarness.launch(leakyWorker("steady"));
    await using monitor = await monitorMemory(worker, { everyMs: 5, gpuDevice: -1 });
    await waitFor("ten samples", () => (monitor.snapshot().samples.length >= 10 ? true : undefined));
    const { samples, cost, durationMs } = await monitor.stop();

    const times = samples.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(cost.sampleCount).toBe(samples.length);
    expect(cost.readingMs).toBeLessThanOrEqual(durationMs);
    expect(JSON.parse(JSON.stringify(await monitor.stop()))).toEqual(await monitor.stop());
  });

  test("is bounded", async () => {
    await using worker = await WorkerTestHarness.launch(leakyWorker("steady"));
    await using monitor = await monitorMemory(worker, { everyMs: 5, maxSampleCount: 100, sources: ["process-tree"] });
    for (let index = 0; index < 250; index++) await monitor.sample();
    const { samples, cost } = await monitor.stop();
    expect(samples.length).toBeLessThanOrEqual(100);
    expect(cost.sampleCount).toBeGreaterThan(250);
  });
});

describe("idle points", () => {
  test("wait until no job is running", async () => {
    await using worker = await WorkerTestHarness.launch(leakyWorker("held"));
    await using monitor = await monitorMemory(worker, { sources: ["process-tree"] });
    const read = async (path: string): Promise<string> => (await worker.request(path)).text();
    const job = runJob(worker);
    await waitFor("a running job", async () => ((await read("/health")).includes('"busy":1') ? true : undefined));

    let passed = false;
    const waiting = monitor.sampleIdle().finally(() => (passed = true));
    const askedBefore = Number(await read("/asked"));
    await waitFor("three questions", async () => (Number(await read("/asked")) >= askedBefore + 3 ? true : undefined));
    expect(passed).toBe(false);
    await read("/release");
    expect(await waiting).toMatchObject({ idle: true, cycle: 0 });
    await job;
  });

  test("count the cycles, unless they are given", async () => {
    await using worker = await WorkerTestHarness.launch(leakyWorker("steady"));
    await using monitor = await monitorMemory(worker, { sources: ["process-tree"] });
    expect(await monitor.sampleIdle()).toMatchObject({ cycle: 0 });
    expect(await monitor.sampleIdle({ cycle: 7 })).toMatchObject({ cycle: 7 });
    expect(await monitor.sampleIdle()).toMatchObject({ cycle: 8 });
    expect(await monitor.sample()).not.toHaveProperty("cycle");
    expect(await rejectionOf(monitor.sampleIdle({ cycle: -1 }))).toMatchObject({ code: "INVALID_OPTION" });
  });

  test("a job that started during the read invalidates it, and it is repeated", async () => {
    const answers = [0, 1, 0, 0].map((busy) => ({ slots: { busy, queued: 0 } }));
    const kept: boolean[] = [];
    const gate = new IdleGate(() => Promise.resolve(answers.shift()!), { slots: { busy: 0, queued: 0 } });
    const context = { phase: "idle", worker: "running" } as const;
    const result = { context, startedAt: 0, tookMs: 0, bytes: {}, health: undefined, gpuNeighbours: undefined };
    await gate.pass({
      timeoutMs: 10_000,
      read: () => Promise.resolve(result),
      keep: (_, idle) => {
        kept.push(idle);
        return { atMs: 0, tookMs: 0, phase: "idle", idle, incarnation: 1, worker: "running", bytes: {} };
      },
    });
    expect(kept).toEqual([false, true]);
    expect(answers).toEqual([]);
  });

  test("MEMORY_QUIET_TIMEOUT when there is none", async () => {
    await using worker = await WorkerTestHarness.startMock({ stub: { timing: { ttftMs: 60_000 } } });
    await using monitor = await monitorMemory(worker);
    const controller = new AbortController();
    const job = rejectionOf(worker.execute(makeTestRequest("job-1", "Hello", 3)).then(collectWith(controller.signal)));
    await waitFor("a running job", async () => ((await worker.health()).slots.busy === 1 ? true : undefined));

    const error = await rejectionOf(monitor.sampleIdle({ timeoutMs: 30 }));
    expect(error).toMatchObject({ code: "MEMORY_QUIET_TIMEOUT" });
    expect(error.message).toContain(
      "the worker was busy for 30 ms, expected a moment without jobs: 1 running, 0 queued",
    );
    const reason = new Error("enough");
    expect(await rejectionOf(monitor.sampleIdle({ signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(monitor.snapshot().samples.some(({ idle }) => idle)).toBe(false);
    controller.abort();
    await job;
  });
});

const collectWith = (signal: AbortSignal) => (response: Awaited<ReturnType<WorkerTestHarness["execute"]>>) =>
  collectSseEvents(response, { signal });

describe("what happens to the worker", () => {
  test("a restart is marked, by the process id", async () => {
    await using worker = await WorkerTestHarness.launch(leakyWorker("restarts:1"));
    await using monitor = await monitorMemory(worker, { gpuDevice: -1 });
    await runJob(worker);
    expect(await monitor.sample()).toMatchObject({ incarnation: 2, worker: "running" });
    expect((await monitor.stop()).marks).toMatchObject([
      { kind: "restart", detail: `pid ${worker.pid} became ${worker.pid! + 1}` },
    ]);
  });

  test("a death is marked, and the monitor continues", async () => {
    await using worker = await WorkerTestHarness.launch(leakyWorker("dies:1"));
    await using monitor = await monitorMemory(worker, { gpuDevice: -1 });
    await rejectionOf(runJob(worker));
    await worker.waitForExit();
    expect(await monitor.sample()).toMatchObject({ worker: "died", bytes: { "process-tree": 0 } });
    expect(await rejectionOf(monitor.sampleIdle())).toMatchObject({ code: "PROCESS_DIED" });
    expect((await monitor.stop()).marks).toMatchObject([{ kind: "died", detail: "exit code 7" }]);
  });

  test("a stop automatically begins the phase after-stop", async () => {
    await using worker = await WorkerTestHarness.launch(leakyWorker("steady"));
    await using monitor = await monitorMemory(worker, { gpuDevice: -1, phase: "load" });
    monitor.phase("inference");
    await runJob(worker);
    await monitor.sample();
    await worker.stop();
    const { phases, marks, samples } = await monitor.stop();

    expect(marks).toMatchObject([{ kind: "stopped", detail: "SIGTERM" }]);
    expect(phases.map(({ name }) => name)).toEqual(["load", "inference", "after-stop"]);
    expect(phases[1]?.peakBytes["process-tree"]).toBeGreaterThan(10 * MIB);
    expect(phases[2]?.lastBytes).toEqual({ "process-tree": 0 });
    expect(phases.map(({ toMs }) => toMs).slice(0, -1)).toEqual(phases.map(({ fromMs }) => fromMs).slice(1));
    expect(samples.at(-1)).toMatchObject({ worker: "stopped", phase: "after-stop", incarnation: 1 });
  });

  test("SIGKILL is a death, unless the phase makes the end expected", async () => {
    for (const [phase, state] of [
      ["idle", "died"],
      ["after-stop", "stopped"],
    ] as const) {
      await using worker = await WorkerTestHarness.launch(leakyWorker("steady"));
      await using monitor = await monitorMemory(worker, { gpuDevice: -1, phase });
      worker.kill("SIGKILL");
      await worker.waitForExit();
      expect(await monitor.sample()).toMatchObject({ worker: state });
    }
  });

  test("the signal ends it, with a mark", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    await using worker = await WorkerTestHarness.launch(leakyWorker("steady"));
    await using monitor = await monitorMemory(worker, { gpuDevice: -1, everyMs: 5, signal });
    const countOf = (of: typeof monitor) => of.snapshot().cost.sampleCount;
    await waitFor("two samples", () => countOf(monitor) >= 2 || undefined);
    controller.abort();
    const count = countOf(monitor);
    await using other = await monitorMemory(worker, { gpuDevice: -1, everyMs: 5 });
    await waitFor("what the ended one would have taken", () => countOf(other) >= 5 || undefined);
    const { marks, cost } = await monitor.stop();
    expect(marks).toMatchObject([{ kind: "aborted" }]);
    expect(cost.sampleCount - count).toBeLessThanOrEqual(1); // one was being taken
    const late = await rejectionOf(monitorMemory(worker, { signal }));
    expect(late).toMatchObject({ name: "AbortError" });
  });

  test("a dead worker cannot be watched", async () => {
    await using worker = await WorkerTestHarness.launch(leakyWorker("dies:1"));
    await rejectionOf(runJob(worker));
    await worker.waitForExit();
    expect(await rejectionOf(monitorMemory(worker))).toMatchObject({ code: "PROCESS_DIED" });
  });
});

test("misspelled options are rejected before anything is read", async () => {
  await using worker = await WorkerTestHarness.startMock();
  const error = await rejectionOf(monitorMemory(worker, { every: 1 } as MonitorOptions));
  expect(error).toMatchObject({ code: "INVALID_OPTION" });
});
