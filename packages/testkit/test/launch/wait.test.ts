import { expect, test } from "vitest";
import { pause, pollUntil, settlesWithin } from "../../src/launch/wait.js";

test("settlesWithin() is true for a promise that settles in time, and false otherwise", async () => {
  expect(await settlesWithin(Promise.resolve(), 1_000)).toBe(true);
  expect(await settlesWithin(Promise.reject(new Error("no")), 1_000)).toBe(true);
  expect(await settlesWithin(new Promise(() => undefined), 5)).toBe(false);
});

test("pollUntil() polls until the condition is true", async () => {
  let askedCount = 0;
  expect(await pollUntil(() => (askedCount += 1) === 4, 5_000)).toBe(true);
  expect(askedCount).toBe(4);
});

test("pollUntil() polls once even without time, and gives up when the time is up", async () => {
  expect(await pollUntil(() => true, 0)).toBe(true);
  expect(await pollUntil(() => false, 5)).toBe(false);
});

test("pause() ends early when its signal fires or has already fired", async () => {
  const controller = new AbortController();
  const pausing = pause(60_000, controller.signal);
  controller.abort();
  await pausing;
  await pause(60_000, controller.signal);
});
