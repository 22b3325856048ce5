import { expect, test } from "vitest";
import { sendOnTime } from "../../../src/load/run/send-on-time.js";

const at = (...times: number[]) => times.map((atMs, index) => ({ atMs, index, stage: 0 }));

test("nothing is sent early, everything is in order, and a blocked event loop delays nothing after it", async () => {
  const startAtMs = performance.now();
  const sent: { index: number; earlyMs: number; atMs: number }[] = [];
  await sendOnTime(
    at(0, 10, 20, 30, 150),
    { startAtMs, signal: new AbortController().signal },
    ({ index }, schedAtMs) => {
      const nowMs = performance.now();
      sent.push({ index, earlyMs: schedAtMs - nowMs, atMs: nowMs - startAtMs });
      if (index === 1) while (performance.now() < startAtMs + 60); // blocks over the times of 2 and 3
    },
  );

  expect(sent.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
  expect(Math.max(...sent.map(({ earlyMs }) => earlyMs))).toBeLessThanOrEqual(0);
  expect(sent[2]!.atMs).toBeGreaterThanOrEqual(60);
  // Sleeping from one to the next would have moved it by the 30 ms that were lost.
  expect(sent[4]!.atMs).toBeGreaterThanOrEqual(150);
});

test("the callback gets the planned time", async () => {
  const startAtMs = performance.now() + 5;
  const planned: number[] = [];
  await sendOnTime(at(0, 3), { startAtMs, signal: new AbortController().signal }, (_, schedAtMs) =>
    planned.push(schedAtMs),
  );

  expect(planned).toEqual([startAtMs, startAtMs + 3]);
});

test("the signal ends it immediately", async () => {
  const controller = new AbortController();
  const sent: number[] = [];
  await sendOnTime(at(0, 0, 3_600_000), { startAtMs: performance.now(), signal: controller.signal }, ({ index }) => {
    sent.push(index);
    if (index === 1) setTimeout(() => controller.abort(), 5);
  });

  expect(sent).toEqual([0, 1]);
});

test("a schedule that has been aborted sends nothing", async () => {
  const sent: number[] = [];
  await sendOnTime(at(0), { startAtMs: 0, signal: AbortSignal.abort() }, ({ index }) => sent.push(index));

  expect(sent).toEqual([]);
});
