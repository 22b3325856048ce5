import { expect, test } from "vitest";
import { isRunning, waitFor } from "./support/conditions.js";
import { startRunner } from "./support/runner.js";

/** A worker must be gone one second after its runner; the rest is for a busy machine. */
const GONE_TIMEOUT_MS = 10_000;
const SLOW_MS = 90_000;

test("50 workers from four processes at the same moment never collide", { timeout: SLOW_MS }, async () => {
  await using first = startRunner("many-workers", ["6", "6"]);
  await using second = startRunner("many-workers", ["6", "6"]);
  await using third = startRunner("many-workers", ["6", "7"]);
  await using fourth = startRunner("many-workers", ["6", "7"]);
  const runners = [first, second, third, fourth];
  const answers = (start: string) => Promise.all(runners.map((runner) => runner.line(start, SLOW_MS)));
  await answers("loaded");

  for (const runner of runners) runner.send("go");
  const ports = (await answers("ports")).flatMap((line) => JSON.parse(line) as number[]);
  const pids = (await answers("pids")).flatMap((line) => JSON.parse(line) as number[]);
  const running = pids.filter(isRunning).length;
  for (const runner of runners) runner.send("stop");
  await answers("stopped");

  expect(new Set(ports).size).toBe(50);
  expect(running).toBe(50);
  expect(pids.filter(isRunning)).toEqual([]);
});

test("kill -9 of the test runner leaves no worker", async () => {
  await using runner = startRunner("one-mock-worker");
  const pid = Number(await runner.line("pid "));
  expect(isRunning(pid)).toBe(true);

  runner.kill();
  await runner.exited;

  await waitFor("end of the orphan", () => !isRunning(pid) || undefined, GONE_TIMEOUT_MS);
});

test("a runner that ends without stopping its worker also leaves no process behind", async () => {
  await using runner = startRunner("forgets-its-worker");
  const pid = Number(await runner.line("pid "));

  expect(await runner.exited).toBe(0);
  await waitFor("end of the orphan", () => !isRunning(pid) || undefined, GONE_TIMEOUT_MS);
});

test("the output of a worker is echoed when INFERENCE_TESTKIT_LOG is debug", async () => {
  await using runner = startRunner("one-mock-worker", [], { INFERENCE_TESTKIT_LOG: "debug" });
  await runner.line("pid ");
  runner.send("stop");

  expect(await runner.exited).toBe(0);
  expect(runner.errors()).toMatch(/^\[worker-orcd stdout\] \{"event":"ready"/m);
});
