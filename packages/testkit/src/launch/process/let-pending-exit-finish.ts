import { readdirSync, readFileSync } from "node:fs";
import { settlesWithin } from "../wait.js";
import { isRunning } from "./process-table.js";
import type { WorkerProcess } from "./worker-process.js";

/** Time between two looks. A process of which no thread has run in between is not exiting. */
const LOOK_EVERY_MS = 5;
/** Longest wait for a worker that computes or crashes slowly. */
const LONGEST_WAIT_MS = 500;
/** Without `/proc`, only the exit itself can be observed. */
const BLIND_WAIT_MS = 25;
/** The parent is notified of an exit shortly after it happened. */
const EXIT_FOLLOWS_MS = 5_000;
/** Sleeping, idle or stopped. */
const ASLEEP = /^[SITt]$/;
/** A thread that is ending uses less CPU time than this before it is gone. */
const ENDING_TAKES_CPU_MS = 50;
/** Process times are in hundredths of a second, see proc_pid_stat(5). */
const TICK_MS = 10;
/** Fields of `stat` after the command: user time and kernel time. */
const [USER_TIME_FIELD, SYSTEM_TIME_FIELD] = [11, 12];
/** Reading one thread takes about 20 µs. */
const MOST_THREADS = 64;

/** One thread, see proc_pid_status(5). */
interface Thread {
  /** False if it runs or waits for a CPU or a disk. */
  readonly isAsleep: boolean;
  /** Voluntary context switches; `NaN` where the system does not count them. */
  readonly sleepCount: number;
  /** Involuntary context switches. */
  readonly displacedCount: number;
  /** CPU time used; only for a running thread. */
  readonly cpuMs: number;
}

/** The threads of a process by id, and when they were read. */
export interface Threads {
  readonly atMs: number;
  readonly byId: ReadonlyMap<string, Thread>;
}

/** Why the wait ended. */
export type PendingExit = "ended" | "idle" | "still-busy" | "unobservable";

/**
 * Lets a worker that is already exiting finish before the shutdown signal is sent: an exit with an error right after the last event
 * would otherwise race the signal, which can hide it. Takes 5 ms for an idle worker and at most 500 ms for a busy one.
 *
 * @param atReady the threads when the worker became ready. A thread other than the main one that has not slept since, for 500 ms or
 * more (as threads that poll a GPU do), is no longer waited for after another 50 ms of CPU time. The main thread may be waiting for it
 * to end.
 */
export async function letPendingExitFinish(
  worker: Pick<WorkerProcess, "pid" | "exited" | "exitInfo">,
  atReady?: Threads,
): Promise<PendingExit> {
  const deadline = performance.now() + LONGEST_WAIT_MS;
  let result: PendingExit = "still-busy";
  const first = readThreads(worker.pid);
  let before = first;
  if (before === undefined) {
    await settlesWithin(worker.exited, BLIND_WAIT_MS);
    result = "unobservable";
  }
  while (before !== undefined && worker.exitInfo === undefined && performance.now() < deadline) {
    await settlesWithin(worker.exited, LOOK_EVERY_MS);
    const now = readThreads(worker.pid);
    if (now !== undefined && isIdle(worker.pid, { now, before, first, atReady })) {
      result = "idle";
      break;
    }
    before = now;
  }
  if (!isRunning(worker.pid)) await settlesWithin(worker.exited, EXIT_FOLLOWS_MS);
  return worker.exitInfo === undefined ? result : "ended";
}

/** `undefined` without `/proc`, or if there is no such process. */
export function readThreads(pid: number): Threads | undefined {
  try {
    const ids = readdirSync(`/proc/${pid}/task`).slice(0, MOST_THREADS);
    const threads = ids.map((id) => [id, readThread(`/proc/${pid}/task/${id}`)] as const);
    const found = threads.filter((entry): entry is [string, Thread] => entry[1] !== undefined);
    return { atMs: performance.now(), byId: new Map(found) };
  } catch {
    return undefined;
  }
}

interface Looks {
  readonly now: Threads;
  readonly before: Threads;
  readonly first: Threads | undefined;
  readonly atReady: Threads | undefined;
}

function isIdle(pid: number, { now, before, first, atReady }: Looks): boolean {
  if (now.byId.size !== before.byId.size) return false;
  const mayCompute = atReady !== undefined && now.atMs - atReady.atMs >= LONGEST_WAIT_MS;
  return [...now.byId].every(([id, thread]) => {
    const earlier = before.byId.get(id);
    if (earlier === undefined) return false;
    if (hasSlept(thread, earlier)) return true;
    return mayCompute && id !== String(pid) && hasComputed(thread, [atReady.byId.get(id), first?.byId.get(id)]);
  });
}

/** It has not run between two looks. */
function hasSlept(now: Thread, before: Thread): boolean {
  const hasRun = !Object.is(now.sleepCount, before.sleepCount) || !Object.is(now.displacedCount, before.displacedCount);
  return now.isAsleep && !hasRun;
}

/** It has not slept since the worker was ready, and has used more CPU time since the first look than it needs to end. */
function hasComputed(now: Thread, [atReady, first]: readonly (Thread | undefined)[]): boolean {
  if (atReady === undefined || first === undefined || now.isAsleep || atReady.isAsleep) return false;
  return now.sleepCount === atReady.sleepCount && now.cpuMs - first.cpuMs >= ENDING_TAKES_CPU_MS;
}

/** `undefined` if it has ended in the meantime. */
function readThread(folder: string): Thread | undefined {
  const status = tryRead(`${folder}/status`);
  if (status === undefined) return undefined;
  const count = (name: string): number =>
    Number(new RegExp(`^${name}_ctxt_switches:\\s+(\\d+)`, "m").exec(status)?.[1]);
  const isAsleep = ASLEEP.test(/^State:\s+(\S)/m.exec(status)?.[1] ?? "");
  return {
    isAsleep,
    sleepCount: count("voluntary"),
    displacedCount: count("nonvoluntary"),
    cpuMs: isAsleep ? NaN : readCpuMs(tryRead(`${folder}/stat`) ?? ""),
  };
}

function readCpuMs(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[USER_TIME_FIELD]) + Number(fields[SYSTEM_TIME_FIELD])) * TICK_MS;
}

function tryRead(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}
