import { getEventListeners } from "node:events";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { sendOnTime } from "../../../src/load/run/send-on-time.js";

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

/** A schedule that starts in 5 ms, and what was sent: the index, the planned time and the actual one, from the start. */
function start(timesMs: readonly number[], during: (index: number) => void = () => undefined) {
  const startAtMs = performance.now() + 5;
  const controller = new AbortController();
  const sent: [index: number, schedMs: number, atMs: number][] = [];
  let isDone = false;
  const arrivals = timesMs.map((atMs, index) => ({ atMs, index, stage: 0 }));
  void sendOnTime(arrivals, { startAtMs, signal: controller.signal }, ({ index }, schedAtMs) => {
    sent.push([index, schedAtMs - startAtMs, performance.now() - startAtMs]);
    during(index);
  }).then(() => (isDone = true));
  return { sent, controller, isDone: () => isDone, nowMs: () => performance.now() - startAtMs };
}

test("each arrival is sent at its time, and the schedule ends with the last one", async () => {
  const run = start([0, 10, 10, 30]);
  expect(run.sent).toEqual([]);

  await vi.advanceTimersByTimeAsync(34);
  expect(run.sent).toEqual([
    [0, 0, 0],
    [1, 10, 10],
    [2, 10, 10],
  ]);
  expect(run.isDone()).toBe(false);
  await vi.advanceTimersByTimeAsync(1);

  expect(run.sent.at(-1)).toEqual([3, 30, 30]);
  expect(run.isDone()).toBe(true);
  expect(getEventListeners(run.controller.signal, "abort")).toEqual([]);
});

test("a blocked event loop delays what is due in the meantime, and nothing after it", async () => {
  const run = start([0, 10, 20, 100], (index) => {
    if (index === 1) vi.advanceTimersByTime(50);
  });

  await vi.advanceTimersByTimeAsync(200);

  expect(run.sent).toEqual([
    [0, 0, 0],
    [1, 10, 10],
    [2, 20, 60],
    [3, 100, 100],
  ]);
});

test("an arrival beyond the longest timer is awaited with several", async () => {
  const run = start([3_000_000_000]);

  vi.advanceTimersToNextTimer();
  expect(run.nowMs()).toBe(2_147_483_647 - 5);
  expect(run.sent).toEqual([]);
  await vi.advanceTimersToNextTimerAsync();

  expect(run.sent).toEqual([[0, 3_000_000_000, 3_000_000_000]]);
});

describe("the signal", () => {
  test("ends the schedule immediately, and leaves no timer", async () => {
    const run = start([0, 3_600_000]);
    await vi.advanceTimersByTimeAsync(5);

    run.controller.abort();
    await vi.advanceTimersByTimeAsync(0);

    expect(run.isDone()).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
    expect(run.sent).toEqual([[0, 0, 0]]);
  });

  test("ends it between two arrivals of the same moment", async () => {
    const run = start([0, 0, 0], (index) => {
      if (index === 1) run.controller.abort();
    });

    await vi.advanceTimersByTimeAsync(100);

    expect(run.sent.map(([index]) => index)).toEqual([0, 1]);
    expect(run.isDone()).toBe(true);
  });
});

test("a schedule without arrivals ends immediately", async () => {
  const run = start([]);

  await Promise.resolve();

  expect(run.isDone()).toBe(true);
});
