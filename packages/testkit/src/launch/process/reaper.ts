import { clearInterval, setInterval } from "node:timers";
import { ReaperProcess } from "./reaper-process.js";
import type { ProcessStatus } from "./process-status.js";
import { findRunnerAbove, hasLetGo } from "./runner-above.js";

const LET_GO_POLL_MS = 100;
/**
 * Not every system reports that a process is being killed, so the runner must have closed the channel and still be alive a
 * moment later.
 */
const LET_GO_SIGHTINGS = 5;
/** A reaper that ends more often than this within the window is not restarted. */
const MOST_RESTARTS = 5;
const RESTART_WINDOW_MS = 60_000;

/**
 * Registers workers with the orphan reaper, a tiny process in its own session that ends them when this process or the test
 * runner above it is gone. One per process, started on the first registration and restarted if it ends too early.
 *
 * A token is announced before the worker is forked. There is no gap: until a forked child has replaced itself with the
 * worker, it has a copy of the reaper's pipe open, so end-of-file arrives only once the token is readable in its environment.
 */
class Reaper {
  readonly #registered = new Set<string>();
  #process: ReaperProcess | undefined;
  #endedAt: readonly number[] = [];
  #isFirstStart = true;

  /** Registers a token. Call it before spawning the worker that carries it. */
  announceToken(token: string): void {
    this.#add(`token ${token}`);
  }

  forgetToken(token: string): void {
    this.#remove(`token ${token}`);
  }

  /** Registers the group that a process leads. Call it in the same turn of the event loop as the spawn. */
  addGroup(leader: GroupLeader): void {
    this.#add(`group ${nameOf(leader)}`);
  }

  /** Call it as soon as the group is known to be empty: its id may be reused. */
  removeGroup(leader: GroupLeader): void {
    this.#remove(`group ${nameOf(leader)}`);
  }

  /** Registers a process that may have left the group and its session. */
  addProcess(status: ProcessStatus): void {
    this.#add(`process ${nameOf(status)}`);
  }

  removeProcess(status: ProcessStatus): void {
    this.#remove(`process ${nameOf(status)}`);
  }

  #add(entry: string): void {
    this.#registered.add(entry);
    if (this.#process === undefined) this.#start();
    else this.#process.send(`+${entry}`);
  }

  #remove(entry: string): void {
    if (this.#registered.delete(entry)) this.#process?.send(`-${entry}`);
  }

  /** Starts a reaper with all current registrations. */
  #start(): void {
    if (this.#isFirstStart) this.#watchRunnerAbove();
    this.#isFirstStart = false;
    this.#process = new ReaperProcess((reason) => this.#restart(reason));
    for (const entry of this.#registered) this.#process.send(`+${entry}`);
  }

  #restart(reason: string): void {
    this.#process = undefined;
    const now = performance.now();
    this.#endedAt = [...this.#endedAt, now].filter((endedAt) => now - endedAt < RESTART_WINDOW_MS);
    if (![...this.#registered].some((entry) => !entry.startsWith("above "))) return; // the next registration starts a new one
    if (this.#endedAt.length <= MOST_RESTARTS) {
      this.#start();
      return;
    }
    process.emitWarning(
      `The orphan reaper ended ${this.#endedAt.length} times within a minute (${reason}) and is not started again ` +
        "until the next worker is launched. Until then, workers outlive a test runner that is killed.",
    );
  }

  #watchRunnerAbove(): void {
    const runner = findRunnerAbove();
    if (runner === undefined) return;
    const entry = `above ${nameOf(runner)}`;
    this.#registered.add(entry);
    let sightings = 0;
    const poll = setInterval(() => {
      sightings = hasLetGo(runner) ? sightings + 1 : 0;
      if (sightings < LET_GO_SIGHTINGS) return;
      clearInterval(poll);
      this.#remove(entry);
    }, LET_GO_POLL_MS).unref();
  }
}

/** The leader of a group, by pid alone if its start time is not known. */
export interface GroupLeader {
  readonly pid: number;
  readonly startTime: string;
}

function nameOf({ pid, startTime }: GroupLeader): string {
  return `${pid}:${startTime}`;
}

/** The reaper of this process. */
export const reaper = new Reaper();
