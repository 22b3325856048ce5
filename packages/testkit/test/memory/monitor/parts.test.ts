import { describe, expect, test } from "vitest";
import { waitFor } from "../../../../../tests/support/conditions.js";
import type { MemorySample } from "../../../src/memory/sample.js";
import { PhaseLog } from "../../../src/memory/monitor/phase-log.js";
import { SampleReader, type SampleContext } from "../../../src/memory/monitor/sample-reader.js";
import { SampleStore } from "../../../src/memory/monitor/sample-store.js";
import { Schedule } from "../../../src/memory/monitor/schedule.js";
import type { WorkerTestHarness } from "../../../src/index.js";
import type { HealthFacts, Reading } from "../../../src/memory/sources/source.js";
import { WorkerWatch } from "../../../src/memory/monitor/worker-watch.js";
import { SourceStats } from "../../../src/memory/sources/source-stats.js";

const sample = (atMs: number, fields: Partial<MemorySample> = {}): MemorySample => ({
  atMs,
  tookMs: 0,
  phase: "idle",
  idle: false,
  incarnation: 1,
  worker: "running",
  bytes: {},
  ...fields,
});

describe("SampleStore", () => {
  test("keeps everything up to its number", () => {
    const store = new SampleStore(10);
    for (let index = 0; index < 9; index++) store.add(sample(index));
    expect(store.samples.map(({ atMs }) => atMs)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test("thins out the samples between idle points evenly, but never the points or the newest", () => {
    const store = new SampleStore(20);
    for (let index = 0; index < 1_000; index++) {
      store.add(sample(index, { idle: index % 400 === 0 }));
      expect(store.samples.at(-1)?.atMs).toBe(index);
    }
    expect(store.samples.length).toBeLessThanOrEqual(20);
    expect(store.samples.filter(({ idle }) => idle).map(({ atMs }) => atMs)).toEqual([0, 400, 800]);
    const times = store.samples.filter(({ idle }) => !idle).map(({ atMs }) => atMs);
    const gaps = times.slice(1, -1).map((atMs, index) => atMs - times[index]!);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(2.5 * Math.min(...gaps));
  });

  test("is also bounded for idle points", () => {
    const store = new SampleStore(10);
    for (let index = 0; index < 1_000; index++) store.add(sample(index, { idle: true }));
    expect(store.samples.length).toBeLessThanOrEqual(10);
  });
});

describe("PhaseLog", () => {
  test("peaks and last figures of each span", () => {
    const log = new PhaseLog("load");
    log.add(sample(1, { phase: "load", bytes: { "process-tree": 5 } }));
    log.begin("load", 2);
    log.begin("after-stop", 4);
    log.add(sample(3, { phase: "load", bytes: { "process-tree": 3, "gpu-device": 7 } })); // begun before, read to its end after
    log.add(sample(5, { phase: "after-stop" }));
    expect(log.list(9)).toEqual([
      {
        name: "load",
        fromMs: 0,
        toMs: 4,
        sampleCount: 2,
        peakBytes: { "process-tree": 5, "gpu-device": 7 },
        lastBytes: { "process-tree": 3, "gpu-device": 7 },
      },
      { name: "after-stop", fromMs: 4, toMs: 9, sampleCount: 1, peakBytes: {}, lastBytes: {} },
    ]);
  });
});

test("SampleReader: a sample belongs to the moment at which it was started", async () => {
  const worker = { exitInfo: undefined } as unknown as WorkerTestHarness;
  let finish: (reading: Reading) => void = () => undefined;
  const read = () => new Promise<Reading>((resolve) => (finish = resolve));
  const sampler = { names: ["process-tree"], everyMs: 0, read } as const;
  const stats = new SourceStats(["process-tree"]);
  const reader = new SampleReader({ worker, samplers: [sampler], stats, signal: new AbortController().signal });
  let context: SampleContext = { phase: "inference", worker: "running" };
  const reading = reader.read(false, () => context);
  context = { phase: "after-stop", worker: "stopped" };
  const next = reader.read(false, () => context);

  finish({ figures: { "process-tree": { bytes: 5 } } });
  expect(await reading).toMatchObject({
    context: { phase: "inference", worker: "running" },
    bytes: { "process-tree": 5 },
  });
  await waitFor("the next read", () => (reader.isBusy ? true : undefined));
  finish({ figures: { "process-tree": { bytes: 0 } } });
  expect(await next).toMatchObject({ context, bytes: { "process-tree": 0 } });
  expect(reader.cost.sampleCount).toBe(2);
});

describe("WorkerWatch", () => {
  const watch = (first: HealthFacts) => new WorkerWatch({ exitInfo: undefined } as unknown as WorkerTestHarness, first);

  test("a falling uptime is a restart, even if every worker has pid 1", () => {
    const container = watch({ pid: 1, uptimeSeconds: 100 });
    container.lookForRestart({ pid: 1, uptimeSeconds: 101 }, 10);
    expect(container.incarnation).toBe(1);
    container.lookForRestart({ pid: 1, uptimeSeconds: 3 }, 20);
    expect(container.incarnation).toBe(2);
    expect(container.marks).toEqual([{ kind: "restart", atMs: 20, detail: "uptime fell from 101 s to 3 s" }]);
  });

  test("rounding is not, and neither is a worker that does not report it", () => {
    const rounded = watch({ uptimeSeconds: 101 });
    rounded.lookForRestart({ uptimeSeconds: 100 }, 10);
    rounded.lookForRestart({}, 20);
    rounded.lookForRestart({ pid: 7 }, 30);
    expect(rounded.incarnation).toBe(1);
  });
});

describe("Schedule", () => {
  test("never runs twice at a time, and skips and counts missed ticks", async () => {
    let running = 0;
    let most = 0;
    let calls = 0;
    const schedule = new Schedule(5, async () => {
      calls += 1;
      running += 1;
      most = Math.max(most, running);
      if (calls === 2) await new Promise((resolve) => setTimeout(resolve, 40));
      running -= 1;
    });
    await waitFor("four calls", () => (calls >= 4 ? true : undefined));
    schedule.stop();
    expect(most).toBe(1);
    expect(schedule.missedCount).toBeGreaterThanOrEqual(6);
  });

  test("never calls back after stop(), even if stopped within a call", async () => {
    let calls = 0;
    const schedule: Schedule = new Schedule(5, () => {
      calls += 1;
      schedule.stop();
      return Promise.resolve();
    });
    await waitFor("a call", () => (calls > 0 ? true : undefined));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(calls).toBe(1);
  });
});

describe("SourceStats", () => {
  test("counts, keeps the last reason, and closes sources that will never answer", () => {
    const stats = new SourceStats(["worker-health", "gpu-device"]);
    expect(stats.add({ figures: { "worker-health": { bytes: 1 }, "process-tree": { bytes: 2 } } })).toEqual({
      "worker-health": 1,
    });
    stats.add({
      figures: { "worker-health": { missing: "busy" }, "gpu-device": { missing: "no GPU", permanent: true } },
    });
    expect(stats.isOpen(["gpu-device"])).toBe(false);
    expect(stats.isOpen(["gpu-device", "worker-health"])).toBe(true);
    expect(stats.list()).toMatchObject([
      { name: "worker-health", status: "available", readCount: 1, failedCount: 1, reason: "busy" },
      { name: "gpu-device", status: "unavailable", readCount: 0, failedCount: 1, reason: "no GPU" },
    ]);
  });
});
