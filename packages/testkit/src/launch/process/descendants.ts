import { isThread, readStatus, readTable, type ProcessStatus } from "./process-status.js";

/** Where the status of a process is looked up: the operating system, or a table that was just read. */
export type LookUp = (pid: number) => ProcessStatus | undefined;

/** Told about every descendant that is found, and about those that have ended. */
export interface DescendantObserver {
  found(status: ProcessStatus): void;
  ended(status: ProcessStatus): void;
}

/**
 * Every process that descends from a worker, as far as it was seen. A process is a descendant if its parent is one, or if
 * its session is that of one: a worker leads a session of its own, and sessions are only inherited or made new. Neither a
 * cleared environment nor a new session hides a process from this, only the death of its parents before anyone looked.
 *
 * A known process is compared by pid and start time each time something is concluded from it, because pids are used again.
 */
export class Descendants {
  readonly #known = new Map<number, ProcessStatus>();
  readonly #rootPid: number;
  readonly #observer: DescendantObserver;

  constructor(root: ProcessStatus, observer: DescendantObserver) {
    this.#rootPid = root.pid;
    this.#observer = observer;
    this.#known.set(root.pid, root);
  }

  /** Takes in those of some processes that are descendants; says whether there were any. */
  takeIn(candidates: Iterable<ProcessStatus>, lookUp: LookUp = readStatus): boolean {
    let grew = false;
    for (const status of candidates) {
      const known = this.#known.get(status.pid);
      if (known !== undefined && isSame(known, status)) continue;
      if (!this.#isDescendant(status, lookUp) || isThread(status.pid)) continue;
      this.#known.set(status.pid, status);
      this.#observer.found(status);
      grew = true;
    }
    return grew;
  }

  /** Looks at all processes of the machine, about 20 µs each on Linux. */
  takeInAll(table: ReadonlyMap<number, ProcessStatus> = readTable()): void {
    this.forgetEnded((pid) => table.get(pid));
    while (this.takeIn(table.values(), (pid) => table.get(pid)));
  }

  /** Forgets what has ended, so that a worker which forks all day does not fill the memory. */
  forgetEnded(lookUp: LookUp = readStatus): void {
    for (const known of this.#known.values()) {
      if (isSame(known, lookUp(known.pid))) continue;
      this.#known.delete(known.pid);
      if (known.pid !== this.#rootPid) this.#observer.ended(known);
    }
  }

  /** Those that run now, without the worker itself. */
  listRunning(): readonly ProcessStatus[] {
    const others = [...this.#known.values()].filter(({ pid }) => pid !== this.#rootPid);
    return others.filter((known) => {
      const now = readStatus(known.pid);
      return now?.isRunning === true && isSame(known, now);
    });
  }

  /** To be called when the worker's processes are no longer of interest. */
  forgetAll(): void {
    this.forgetEnded(() => undefined);
  }

  #isDescendant(status: ProcessStatus, lookUp: LookUp): boolean {
    const parent = this.#known.get(status.parentId);
    if (parent !== undefined && isSame(parent, lookUp(parent.pid))) return true;
    return [...this.#known.values()].some((known) => {
      if (known.pid !== status.sessionId && known.sessionId !== status.sessionId) return false;
      const now = lookUp(known.pid);
      // The number of a session is the pid of the process that made it, and in use as long as the session has a member.
      if (now === undefined) return known.pid === status.sessionId;
      return isSame(known, now) && (known.pid === status.sessionId || now.sessionId === status.sessionId);
    });
  }
}

function isSame(known: ProcessStatus, now: ProcessStatus | undefined): boolean {
  return known.startTime === now?.startTime;
}
