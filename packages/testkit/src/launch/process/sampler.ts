import { clearTimeout, setTimeout } from "node:timers";
import type { Descendants } from "./descendants.js";
import { NewestPid } from "./newest-pid.js";
import { readStatus, readTable, type ProcessStatus } from "./process-status.js";

const INTERVAL_MS = 20;
/** Share of the event loop's time that sampling may take, on average. */
const LARGEST_SHARE = 0.01;
const LONGEST_INTERVAL_MS = 1_000;
const FORGET_INTERVAL_MS = 1_000;
/** Above this number of new processes, reading the whole table is cheaper. */
const MOST_NEW_PIDS = 256;

/**
 * Tracks the descendants of running workers, so that one whose parents have ended is still known.
 *
 * Linux reports the newest pid, and pids ascend: a sample reads one line and then only the processes that are new since
 * the last one. Where Linux hides that number, each sample reads the whole table. Other systems are not sampled; there, the table is
 * read only on stop.
 */
class Sampler {
  readonly #followed = new Set<Descendants>();
  #source: NewestPid | undefined;
  #timer: NodeJS.Timeout | undefined;
  #newestPid = 0;
  /** A pid is assigned shortly before its process is visible, so a missing process is looked up once more. */
  #missing: readonly number[] = [];
  #forgotAt = 0;

  /** Call it in the same turn of the event loop as the spawn of `rootPid`. */
  follow(descendants: Descendants, rootPid: number): void {
    if (this.#followed.size === 0) this.#begin(rootPid);
    this.#followed.add(descendants);
  }

  unfollow(descendants: Descendants): void {
    if (!this.#followed.delete(descendants) || this.#followed.size > 0) return;
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = undefined;
  }

  /** Looks now instead of at the next interval. */
  look(): void {
    if (this.#followed.size === 0) return;
    if (this.#source === undefined) {
      this.#lookAtAll();
      return;
    }
    const newestPid = this.#source.read();
    const count = newestPid - this.#newestPid;
    const from = this.#newestPid + 1;
    this.#newestPid = newestPid;
    this.#forgetSometimes();
    if (count < 0 || count > MOST_NEW_PIDS) this.#lookAtAll();
    else this.#lookAt(Array.from({ length: count }, (_, index) => from + index));
  }

  #lookAtAll(): void {
    this.#missing = [];
    const table = readTable();
    for (const each of this.#followed) each.takeInAll(table);
  }

  #lookAt(newPids: readonly number[]): void {
    const seen: ProcessStatus[] = [];
    const find = (pid: number): boolean => {
      const status = readStatus(pid);
      if (status !== undefined) seen.push(status);
      return status !== undefined;
    };
    for (const pid of this.#missing) find(pid);
    this.#missing = newPids.filter((pid) => !find(pid));
    if (seen.length > 0) for (const each of this.#followed) each.takeIn(seen);
  }

  /** Not on every look, because it reads the status of every known process. */
  #forgetSometimes(): void {
    const now = performance.now();
    if (now - this.#forgotAt < FORGET_INTERVAL_MS) return;
    this.#forgotAt = now;
    for (const each of this.#followed) each.forgetEnded();
  }

  #begin(rootPid: number): void {
    if (process.platform !== "linux") return;
    this.#source = NewestPid.open(rootPid);
    this.#newestPid = rootPid;
    this.#missing = [];
    this.#forgotAt = performance.now();
    this.#schedule(INTERVAL_MS);
  }

  #schedule(afterMs: number): void {
    this.#timer = setTimeout(() => {
      const startedAt = performance.now();
      this.look();
      const pauseMs = (performance.now() - startedAt) / LARGEST_SHARE;
      this.#schedule(Math.min(Math.max(INTERVAL_MS, pauseMs), LONGEST_INTERVAL_MS));
    }, afterMs).unref();
  }
}

/** The sampler of this process. */
export const sampler = new Sampler();
