import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { ClientWatch } from "../../../src/load/run/client-watch.js";

test("measures how long the event loop was blocked, and the CPU time", async () => {
  const watch = new ClientWatch();
  await sleep(10);
  const { user } = process.cpuUsage();
  const startMs = performance.now();
  while (performance.now() - startMs < 80 || process.cpuUsage().user - user < 40_000);
  await sleep(10);

  const { client, eventLoopDelayMs, cpuShare, cpuSource } = watch.stop(7);

  expect(client).toBe(7);
  const { p50, p95, p99, max } = eventLoopDelayMs;
  expect(max).toBeGreaterThanOrEqual(70);
  expect([p50, p95, p99, max]).toEqual([p50, p95, p99, max].toSorted((one, other) => one - other));
  expect(p50).toBeGreaterThanOrEqual(0);
  expect(cpuShare).toBeGreaterThan(0);
  expect(cpuShare).toBeLessThan(1.1);
  expect(cpuSource).toBe(process.platform === "linux" ? "thread" : "process");
});

test("measures no delay if it is stopped immediately", () => {
  expect(new ClientWatch().stop(0).eventLoopDelayMs).toEqual({ p50: 0, p95: 0, p99: 0, max: 0 });
});
