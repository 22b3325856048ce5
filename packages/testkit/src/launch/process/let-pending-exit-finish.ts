import { readdirSync, readFileSync } from "node:fs";
import { settlesWithin } from "../wait.js";
import { isRunning } from "./process-table.js";
import type { WorkerProcess } from "./worker-process.js";

/** Between two looks. A process of which no thread has run in between is not on its way out. */
const LOOK_EVERY_MS = 5;
/** A worker that computes, or crashes slowly, is not waited for any longer. */
const LONGEST_WAIT_MS = 500;
/** Without `/proc` nothing can be seen but the end itself. */
const BLIND_WAIT_MS = 25;
/** The system tells the parent of an exit a little after it happened. */
const EXIT_FOLLOWS_MS = 5_000;
/** Sleeping, idle or stopped. */
const ASLEEP = /^[SITt]$/;
/** Looking at a thread takes about 20 µs. */
const MOST_THREADS = 64;

/**
 * Lets a worker that is on its way out get there before the shutdown signal is sent: an exit with an error right after the last event
 * would otherwise race the signal, which can hide it. An idle worker costs one look, 5 ms; a busy one at most 500 ms.
 */
export async function letPendingExitFinish(worker: WorkerProcess): Promise<void> {
  const deadline = performance.now() + LONGEST_WAIT_MS;
  let before = readActivity(worker.pid);
  if (before === undefined) await settlesWithin(worker.exited, BLIND_WAIT_MS);
  while (before !== undefined && worker.exitInfo === undefined && performance.now() < deadline) {
    await settlesWithin(worker.exited, LOOK_EVERY_MS);
    const now = readActivity(worker.pid);
    if (now?.isAsleep === true && now.fingerprint === before.fingerprint) break;
    before = now;
  }
  if (!isRunning(worker.pid)) await settlesWithin(worker.exited, EXIT_FOLLOWS_MS);
}

interface Activity {
  /** No thread runs, or waits for a processor or a disk. */
  readonly isAsleep: boolean;
  /** Changes whenever a thread has run. */
  readonly fingerprint: string;
}

/** Reads the state and the context switches of each thread, see proc_pid_status(5). */
function readActivity(pid: number): Activity | undefined {
  try {
    const threads = readdirSync(`/proc/${pid}/task`).slice(0, MOST_THREADS);
    const rows = threads.map((thread) => readThread(`/proc/${pid}/task/${thread}/status`));
    return { isAsleep: rows.every(({ state }) => ASLEEP.test(state)), fingerprint: JSON.stringify([threads, rows]) };
  } catch {
    return undefined; // no /proc, or no process
  }
}

function readThread(path: string): { readonly state: string; readonly switches: readonly string[] } {
  try {
    const status = readFileSync(path, "latin1");
    const state = /^State:\s+(\S)/m.exec(status)?.[1] ?? "";
    return { state, switches: status.match(/^\w*voluntary_ctxt_switches:.*$/gm) ?? [] };
  } catch {
    return { state: "ended", switches: [] };
  }
}
