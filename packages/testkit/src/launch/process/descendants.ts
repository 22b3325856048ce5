import { isThread, readStatus, readTable, type ProcessStatus } from "./process-status.js";

/** Looks up the status of a process: in the operating system, or in a table that was just read. */
export type LookUp = (pid: number) => ProcessStatus | undefined;

/** Notified of every descendant that is found or has ended. */
export interface DescendantObserver {
  found(status: ProcessStatus): void;
  ended(status: ProcessStatus): void;
}

/**
 * The observed descendants of a worker. A process is a descendant if its parent is one or if it is in the session of one:
 * a worker leads its own session, and a session is either inherited or new. Neither a cleared environment nor a new
 * session hides a process; only the death of its parents before the next look does.
 *
 * Known processes are identified by pid and start time, because pids are reused.
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

  /** Adds those of the given processes that are descendants; returns whether there were any. */
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

  /** Scans all processes of the machine, about 20 µs each on Linux. */
  takeInAll(table: ReadonlyMap<number, ProcessStatus> = readTable()): void {
    this.forgetEnded((pid) => table.get(pid));
    while (this.takeIn(table.values(), (pid) => table.get(pid)));
  }

  /** Forgets ended processes, so that a worker that forks all day does not fill the memory. */
  forgetEnded(lookUp: LookUp = readStatus): void {
    for (const known of this.#known.values()) {
      if (isSame(known, lookUp(known.pid))) continue;
      this.#known.delete(known.pid);
      if (known.pid !== this.#rootPid) this.#observer.ended(known);
    }
  }

  /** Those that are running, without the worker itself. */
  listRunning(): readonly ProcessStatus[] {
    const others = [...this.#known.values()].filter(({ pid }) => pid !== this.#rootPid);
    return others.filter((known) => {
      const now = readStatus(known.pid);
      return now?.isRunning === true && isSame(known, now);
    });
  }

  /** Call it when the worker's processes are no longer of interest. */
  forgetAll(): void {
    this.forgetEnded(() => undefined);
  }

  #isDescendant(status: ProcessStatus, lookUp: LookUp): boolean {
    const parent = this.#known.get(status.parentId);
    if (parent !== undefined && isSame(parent, lookUp(parent.pid))) return true;
    return [...this.#known.values()].some((known) => {
      if (known.pid !== status.sessionId && known.sessionId !== status.sessionId) return false;
      const now = lookUp(known.pid);
      // A session id is the pid of the process that created it, and stays in use while the session has a member.
      if (now === undefined) return known.pid === status.sessionId;
      return isSame(known, now) && (known.pid === status.sessionId || now.sessionId === status.sessionId);
    });
  }
}

function isSame(known: ProcessStatus, now: ProcessStatus | undefined): boolean {
  return known.startTime === now?.startTime;
}
