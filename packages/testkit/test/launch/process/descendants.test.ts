import { existsSync, readdirSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import type { LaunchedWorker } from "../../../src/launch/index.js";
import { Descendants } from "../../../src/launch/process/descendants.js";
import { readCommand } from "../../../src/launch/process/process-table.js";
import { readRowsWithPs, readStatus, type ProcessStatus } from "../../../src/launch/process/process-status.js";
import { isRunning, launch, waitUntil, workerOptions } from "../helpers.js";

/** The longest interval between two looks, twice. */
const SAMPLED_MS = 2_000;
const CHILDREN = /children (\d+) (\d+) listening on port (?<port>\d+)/;

async function launchHiding(): Promise<{ worker: LaunchedWorker; child: number; orphan: number }> {
  const worker = await launch(workerOptions(["hides-children"], { ready: { kind: "log", pattern: CHILDREN } }));
  const [, child, orphan] = CHILDREN.exec(worker.logs.text()) ?? [];
  onTestFinished(() => {
    for (const pid of [child, orphan]) if (isRunning(Number(pid))) process.kill(Number(pid), "SIGKILL");
  });
  // A child that was just forked still has the command line of its parent.
  await waitUntil(() => [child, orphan].every((pid) => readCommand(Number(pid)).startsWith("/bin/sleep")));
  return { worker, child: Number(child), orphan: Number(orphan) };
}

/** Ends the parent of the orphan, when the sampler has had its time. */
async function orphan(worker: LaunchedWorker): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, SAMPLED_MS));
  process.kill(worker.pid, "SIGUSR2");
  await worker.logs.waitFor("orphaned");
}

test("stop() finds a child without the mark in its own session, and names it", async () => {
  const { worker, child, orphan } = await launchHiding();
  const { survivors } = await worker.stop();
  expect(survivors).toContainEqual({ pid: child, command: "/bin/sleep 311" });
  expect(survivors).toContainEqual({ pid: orphan, command: "/bin/sleep 312" });
  expect([child, orphan].some(isRunning)).toBe(false);
});

test("stop() finds such a process even if its parent ended long before", async () => {
  const hiding = await launchHiding();
  await orphan(hiding.worker);
  const { survivors } = await hiding.worker.stop();
  expect(survivors.map(({ command }) => command).toSorted()).toEqual(["/bin/sleep 311", "/bin/sleep 312"]);
  expect([hiding.child, hiding.orphan].some(isRunning)).toBe(false);
});

test("stop() finds them even after a crash of the worker", async () => {
  const hiding = await launchHiding();
  await orphan(hiding.worker);
  process.kill(hiding.worker.pid, "SIGKILL");
  await hiding.worker.exited;
  const { survivors } = await hiding.worker.stop();
  expect(survivors.map(({ pid }) => pid).toSorted()).toEqual([hiding.child, hiding.orphan].toSorted());
});

const status = (pid: number, parentId: number, other: Partial<ProcessStatus> = {}): ProcessStatus => ({
  ...{ pid, parentId, groupId: pid, sessionId: pid, startTime: `start of ${pid}`, isRunning: true, isEnding: false },
  ...other,
});

function follow(root: ProcessStatus): { descendants: Descendants; found: number[]; ended: number[] } {
  const found: number[] = [];
  const ended: number[] = [];
  const observer = {
    found: ({ pid }: ProcessStatus) => void found.push(pid),
    ended: ({ pid }: ProcessStatus) => void ended.push(pid),
  };
  return { descendants: new Descendants(root, observer), found, ended };
}

/** Numbers above the largest pid of Linux, so that no thread of this machine is meant. */
const BASE = 5_000_000;
const tableOf = (...rows: readonly ProcessStatus[]) => new Map(rows.map((row) => [row.pid, row]));

test("descendants are found by parent and by session, in whatever order they are listed", () => {
  const root = status(BASE, 1);
  const { descendants, found } = follow(root);
  const child = status(BASE + 3, BASE);
  const grandchild = status(BASE + 2, BASE + 3);
  const orphanOfSession = status(BASE + 1, 1, { sessionId: BASE + 2 });
  descendants.takeInAll(tableOf(orphanOfSession, grandchild, child, root, status(BASE + 9, 1)));
  expect(found.toSorted()).toEqual([BASE + 1, BASE + 2, BASE + 3]);
});

test("the children of a later process with a reused pid are not descendants", () => {
  const { descendants, found, ended } = follow(status(BASE, 1));
  const later = status(BASE, 1, { startTime: "later" });
  const strangers = [status(BASE + 1, BASE), status(BASE + 2, 1, { sessionId: BASE })];
  descendants.takeIn(strangers, () => later);
  descendants.takeInAll(tableOf(later, ...strangers));
  expect(found).toEqual([]);
  expect(ended).toEqual([]);
});

test("a known descendant whose pid was reused has ended", () => {
  const root = status(BASE, 1);
  const { descendants, found, ended } = follow(root);
  descendants.takeInAll(tableOf(root, status(BASE + 1, BASE)));
  descendants.takeInAll(tableOf(root, status(BASE + 1, 1, { startTime: "later" })));
  expect(found).toEqual([BASE + 1]);
  expect(ended).toEqual([BASE + 1]);
});

test("a thread is not mistaken for a process", async () => {
  const worker = await launch(workerOptions(["ready-line"]));
  const root = readStatus(worker.pid)!;
  const { descendants, found } = follow(root);
  const threads = readdirSync(`/proc/${worker.pid}/task`)
    .map((id) => readStatus(Number(id)))
    .filter((thread) => thread !== undefined && thread.pid !== worker.pid) as ProcessStatus[];
  expect(threads.filter((thread) => thread.sessionId === worker.pid).length).toBeGreaterThan(0);
  descendants.takeIn(threads);
  expect(found).toEqual([]);
});

test.skipIf(!existsSync("/bin/ps"))("ps and /proc agree about a process", async () => {
  const worker = await launch(workerOptions(["ready-line"]));
  await waitUntil(() => readRowsWithPs(["-A"]).some(({ pid }) => pid === worker.pid));
  const { startTime, isEnding: _isEnding, ...withPs } = readRowsWithPs(["-p", String(worker.pid)])[0]!;
  expect(readStatus(worker.pid)).toMatchObject({ ...withPs, sessionId: withPs.groupId });
  expect(startTime).toMatch(/^\w+_\w+_\d+_[\d:]+_\d{4}$/);
});
