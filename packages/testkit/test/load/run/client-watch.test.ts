import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { ClientWatch, readCpu, toCpuShare, toDelayMs } from "../../../src/load/run/client-watch.js";

test("measures how long the event loop was blocked", async () => {
  const watch = new ClientWatch();
  await sleep(10); // a first sample
  const startMs = performance.now();
  while (performance.now() - startMs < 80);
  await sleep(10);

  const { client, eventLoopDelayMs } = watch.stop(7);

  expect(client).toBe(7);
  const { p50, p95, p99, max } = eventLoopDelayMs;
  expect(max).toBeGreaterThanOrEqual(70);
  expect([p50, p95, p99, max]).toEqual([p50, p95, p99, max].toSorted((one, other) => one - other));
  expect(p50).toBeGreaterThanOrEqual(0);
});

test("measures the share of the time in which this thread used the CPU", () => {
  const [outerCpu, outerMs] = [readCpu().ms, performance.now()];
  const watch = new ClientWatch();
  const [innerCpu, innerMs] = [readCpu().ms, performance.now()];
  while (readCpu().ms - innerCpu < 20);
  const [leastCpu, leastMs] = [readCpu().ms - innerCpu, performance.now() - innerMs];

  const { cpuShare, cpuSource } = watch.stop(0);

  const [mostCpu, mostMs] = [readCpu().ms - outerCpu, performance.now() - outerMs];
  expect(cpuShare).toBeGreaterThanOrEqual(leastCpu / mostMs - 0.001);
  expect(cpuShare).toBeLessThanOrEqual(mostCpu / leastMs + 0.001);
  expect(cpuSource).toBe(process.platform === "linux" ? "thread" : "process");
});

test.each([
  [0, 200, 0],
  [50, 200, 0.25],
  [200, 200, 1],
  [300, 200, 1.5], // several threads of a process
  [1, 3, 0.333],
  [0.5, 0, 0.5], // a shorter time counts as 1 ms
])("%d ms of CPU time in %d ms are a share of %d", (cpuMs, wallMs, share) => {
  expect(toCpuShare(cpuMs, wallMs)).toBe(share);
});

test("a delay is the time between two samples beyond the interval of 1 ms", () => {
  expect([0, 999_999, 1_000_000, 3_500_000].map(toDelayMs)).toEqual([0, 0, 0, 2.5]);
});

test("the CPU time of a thread is the first figure of its statistics, in ns", async () => {
  const folder = await mkdtemp(join(tmpdir(), "client-watch-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "schedstat");
  await writeFile(file, "1500000 77000000 3\n");

  expect(readCpu(file)).toEqual({ ms: 1.5, source: "thread" });
});

test("without statistics of the thread, the CPU time is that of the whole process", () => {
  const totalMs = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  const beforeMs = totalMs();

  const { ms, source } = readCpu("/no/such/file");

  expect(ms).toBeGreaterThanOrEqual(beforeMs);
  expect(ms).toBeLessThanOrEqual(totalMs());
  expect(source).toBe("process");
});

test("measures no delay if it is stopped immediately", () => {
  expect(new ClientWatch().stop(0).eventLoopDelayMs).toEqual({ p50: 0, p95: 0, p99: 0, max: 0 });
});
