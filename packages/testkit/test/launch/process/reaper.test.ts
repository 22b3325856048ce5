import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { isRunning, startRunner, waitUntil } from "../helpers.js";

const pidsOf = (line: string): number[] => line.split(" ").map(Number);

/** What the kernel tells of a process, or nothing: it may end between being listed and being read. */
function readProc(pid: number, file: "cmdline" | "stat"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return "";
  }
}

/** Pids of all processes whose command line holds a text. */
function findByCommand(text: string): number[] {
  const pids = readdirSync("/proc").map(Number);
  return pids.filter((pid) => pid > 0 && isRunning(pid) && readProc(pid, "cmdline").includes(text));
}

/** The reapers that belong to a runner: their parent is the runner. */
function findReapers(parentPid: number): number[] {
  return findByCommand("inference-testkit-reaper").filter((pid) => {
    const stat = readProc(pid, "stat");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === parentPid;
  });
}

test("after kill -9 of the runner no worker, grandchild or escaped process is left", async () => {
  const runner = startRunner("launches-workers", []);
  const pids = pidsOf(await runner.nextLine("pids"));
  expect(pids).toHaveLength(5);
  expect(pids.every(isRunning)).toBe(true);
  const [reaper] = findReapers(runner.pid);
  runner.kill();
  await waitUntil(() => !pids.some(isRunning), 5_000);
  await waitUntil(() => !isRunning(reaper!), 5_000);
});

test("after kill -9 of the runner, processes that lost mark, session and parent are gone too", async () => {
  const runner = startRunner("launches-workers", ["hides"]);
  const pids = pidsOf(await runner.nextLine("pids"));
  await runner.nextLine("orphaned");
  expect(pids).toHaveLength(3);
  expect(pids.every(isRunning)).toBe(true);
  runner.kill();
  await waitUntil(() => !pids.some(isRunning), 5_000);
});

test("after process.exit() of the runner with live workers nothing is left", async () => {
  const runner = startRunner("launches-workers", ["exit"]);
  const pids = pidsOf(await runner.nextLine("pids"));
  expect(await runner.exited).toBe(0);
  await waitUntil(() => !pids.some(isRunning), 5_000);
});

test("a runner that has stopped its workers exits: the reaper does not keep it alive, and exits too", async () => {
  const runner = startRunner("launches-workers", ["stop"]);
  const pids = pidsOf(await runner.nextLine("pids"));
  const reapers = findReapers(runner.pid);
  expect(await runner.exited).toBe(0);
  expect(pids.some(isRunning)).toBe(false);
  await waitUntil(() => !reapers.some(isRunning));
});

test("a runner that is killed at the moment of the spawn leaves nothing", async () => {
  const mark = `marker-${process.pid}-${Date.now()}`;
  const runner = startRunner("dies-while-spawning", [mark]);
  expect(await runner.exited).toBeNull(); // by its own signal, after it has spawned the worker
  await waitUntil(() => findByCommand(mark).length === 0, 5_000);
});

test("the reaper ignores the signals of a terminal and of a polite shutdown", async () => {
  const runner = startRunner("launches-workers", ["answers"]);
  const pids = pidsOf(await runner.nextLine("pids"));
  const reapers = findReapers(runner.pid);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const) process.kill(reapers[0]!, signal);
  runner.write("?"); // a reaper that has died is replaced by then, see below
  await runner.nextLine("answer");
  expect(findReapers(runner.pid)).toEqual(reapers);
  expect(isRunning(reapers[0]!)).toBe(true);
  runner.kill();
  await waitUntil(() => !pids.some(isRunning), 5_000);
});

test("a killed reaper is replaced immediately, and the next one knows the workers too", async () => {
  const runner = startRunner("launches-workers", ["answers"]);
  const pids = pidsOf(await runner.nextLine("pids"));
  const [first] = findReapers(runner.pid);
  process.kill(first!, "SIGKILL");
  await waitUntil(() => findReapers(runner.pid).some((pid) => pid !== first));
  runner.write("?"); // the process is there before the runner has told it of the workers
  await runner.nextLine("answer");
  expect(pids.every(isRunning)).toBe(true);
  runner.kill();
  await waitUntil(() => !pids.some(isRunning), 5_000);
});

test("a reaper that is killed repeatedly is not restarted until the next launch, with a warning", async () => {
  const runner = startRunner("launches-workers", ["relaunch"], { NODE_NO_WARNINGS: "1" });
  const pids = pidsOf(await runner.nextLine("pids"));
  for (let kill = 0; kill < 6; kill += 1) {
    await waitUntil(() => findReapers(runner.pid).length > 0);
    const [reaper] = findReapers(runner.pid);
    process.kill(reaper!, "SIGKILL");
    await waitUntil(() => !findReapers(runner.pid).includes(reaper!));
  }
  expect(await runner.nextLine("warning")).toContain("The orphan reaper ended 6 times within a minute (SIGKILL)");
  expect(findReapers(runner.pid)).toEqual([]);
  runner.endInput();
  const later = pidsOf(await runner.nextLine("later"));
  expect(findReapers(runner.pid)).toHaveLength(1);
  runner.kill();
  await waitUntil(() => ![...pids, ...later].some(isRunning), 5_000);
});

test("the reaper keeps no output of the runner open and has no mark", async () => {
  const runner = startRunner("launches-workers", []);
  await runner.nextLine("pids");
  const [reaper] = findReapers(runner.pid);
  expect(readFileSync(`/proc/${reaper!}/environ`, "utf8")).not.toContain("INFERENCE_TESTKIT_WORKER");
  expect(readFileSync(`/proc/${reaper!}/cmdline`, "utf8")).toContain("inference-testkit-reaper");
});
