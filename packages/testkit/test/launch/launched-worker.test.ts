import { expect, test } from "vitest";
import { launchWorker, resolveLaunchOptions, type LaunchedWorker } from "../../src/launch/index.js";
import { isBindable } from "../../src/launch/ports/bindable.js";
import { isRunning, launch, waitUntil, workerOptions } from "./helpers.js";

const listens = { kind: "log", pattern: /listening on port (?<port>\d+)/ } as const;

/** The pid that a program of `test/workers` prints for its child. */
const childPidOf = (worker: LaunchedWorker): number =>
  Number(/(?:grandchild|escaped) (\d+)/.exec(worker.logs.text())?.[1]);

test("stop() ends a well-behaved worker by SIGTERM alone and leaves nothing", async () => {
  const worker = await launch(workerOptions(["ready-line"]));
  expect(worker.exitInfo).toBeUndefined();
  const report = await worker.stop();
  expect(report).toMatchObject({ exit: { kind: "signalled", signal: "SIGTERM" }, killed: false, survivors: [] });
  expect(report.tookMs).toBeGreaterThan(0);
  expect(isRunning(worker.pid)).toBe(false);
  expect(worker.exitInfo).toEqual(report.exit);
  expect(await worker.exited).toEqual(report.exit);
});

test("stop() returns the same promise every time", async () => {
  const worker = await launch(workerOptions(["ready-line"]));
  const stopping = worker.stop();
  expect(worker.stop()).toBe(stopping);
  await stopping;
  expect(worker.stop()).toBe(stopping);
});

test("leaving the scope stops the worker", async () => {
  let pid = 0;
  {
    await using worker = await launchWorker(resolveLaunchOptions(workerOptions(["ready-line"])));
    pid = worker.pid;
    expect(isRunning(pid)).toBe(true);
  }
  expect(isRunning(pid)).toBe(false);
});

test("stop() kills a worker that ignores SIGTERM after the grace period", async () => {
  const worker = await launch(workerOptions(["ignores-sigterm"], { ready: listens, stopGraceMs: 100 }));
  const report = await worker.stop();
  expect(report).toMatchObject({ exit: { kind: "signalled", signal: "SIGKILL" }, killed: true, survivors: [] });
  expect(report.tookMs).toBeGreaterThanOrEqual(95);
  expect(worker.logs.text()).toContain("SIGTERM ignored");
});

test("a grace period of zero kills immediately", async () => {
  const worker = await launch(workerOptions(["ignores-sigterm"], { ready: listens, stopGraceMs: 0 }));
  expect((await worker.stop()).killed).toBe(true);
});

test("stop() resumes a stopped process, which then receives the shutdown signal", async () => {
  const worker = await launch(workerOptions(["ready-line"]));
  process.kill(worker.pid, "SIGSTOP");
  expect(await worker.stop()).toMatchObject({ exit: { signal: "SIGTERM" }, killed: false });
});

test("another shutdown signal is used on request", async () => {
  const worker = await launch(workerOptions(["ready-line"], { shutdownSignal: "SIGINT" }));
  expect((await worker.stop()).exit).toEqual({ kind: "signalled", signal: "SIGINT" });
});

test("a grandchild that ignores SIGTERM and keeps the port is killed and reported", async () => {
  const worker = await launch(workerOptions(["grandchild-holds-port"], { ready: listens }));
  const pid = childPidOf(worker);
  expect(isRunning(pid)).toBe(true);
  const report = await worker.stop();
  expect(report).toMatchObject({ exit: { kind: "exited", code: 0 }, killed: false });
  expect(report.survivors).toEqual([{ pid, command: expect.stringContaining("-e") as string }]);
  expect(isRunning(pid)).toBe(false);
  expect(await isBindable("127.0.0.1", worker.port)).toBe(true);
});

test("a process that has left the group is found by its mark, killed and reported", async () => {
  const worker = await launch(workerOptions(["escapes-group"], { ready: listens }));
  const pid = childPidOf(worker);
  expect(isRunning(pid)).toBe(true);
  const report = await worker.stop();
  expect(report.survivors).toEqual([{ pid, command: "sleep 300" }]);
  expect(isRunning(pid)).toBe(false);
});

test("a dead worker is detected immediately; stop() cleans up after it and does not throw", async () => {
  const worker = await launch(workerOptions(["escapes-group"], { ready: listens }));
  const pid = childPidOf(worker);
  process.kill(worker.pid, "SIGSEGV");
  expect(await worker.exited).toEqual({ kind: "signalled", signal: "SIGSEGV" });
  expect(worker.exitInfo).toEqual({ kind: "signalled", signal: "SIGSEGV" });
  const report = await worker.stop();
  expect(report).toMatchObject({ exit: { signal: "SIGSEGV" }, killed: false, survivors: [{ pid }] });
});

test("pending waits for a log line end when the worker ends", async () => {
  const worker = await launch(workerOptions(["ready-line"]));
  const waiting = worker.logs.waitFor("never", { timeoutMs: 60_000 });
  const outcome = expect(waiting).rejects.toMatchObject({ code: "LOG_TIMEOUT" });
  await worker.stop();
  await outcome;
});

test("a stopped worker leaves no handle or listener in this process", async () => {
  const signal = new AbortController().signal;
  const worker = await launch(workerOptions(["ready-line", "{port}"]), { signal });
  const left = (): string[] => process.getActiveResourcesInfo().filter((name) => /Process|TCP/.test(name));
  expect(left()).not.toEqual([]);
  await worker.stop();
  await waitUntil(() => left().length === 0);
});

test("stop() works on twenty workers at once", async () => {
  const workers = await Promise.all(Array.from({ length: 20 }, () => launch(workerOptions(["ready-line"]))));
  const reports = await Promise.all(workers.map((worker) => worker.stop()));
  expect(reports.every((report) => !report.killed && report.survivors.length === 0)).toBe(true);
  expect(workers.some((worker) => isRunning(worker.pid))).toBe(false);
});
