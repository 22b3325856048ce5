import { clearInterval, setInterval } from "node:timers";
import { ReaperProcess } from "./reaper-process.js";
import type { ProcessStatus } from "./process-status.js";
import { findRunnerAbove, hasLetGo } from "./runner-above.js";

const LET_GO_POLL_MS = 100;
/** Not every system says that a process is being killed, so it must have closed the channel and still live a moment later. */
const LET_GO_SIGHTINGS = 5;
/** A reaper that ends more often than this within the window is given up. */
const MOST_RESTARTS = 5;
const RESTART_WINDOW_MS = 60_000;

/**
 * Registers workers with the orphan reaper, a tiny process in a session of its own that ends them when this process or the
 * test runner above it is gone. One a process, started with the first registration, and again when it ends too early.
 *
 * A token is announced before the worker is forked. There is no gap: until a forked child has replaced itself by the
 * worker, it holds a copy of the reaper's pipe, so end-of-file comes only when the token is readable in its environment.
 */
class Reaper {
  readonly #registered = new Set<string>();
  #process: ReaperProcess | undefined;
  #endedAt: readonly number[] = [];
  #isFirstStart = true;

  /** Makes a token known; do it before the worker that carries it is spawned. */
  announceToken(token: string): void {
    this.#add(`token ${token}`);
  }

  forgetToken(token: string): void {
    this.#remove(`token ${token}`);
  }

  /** Registers the group that a process leads; do it in the same turn of the event loop as the spawn. */
  addGroup(leader: GroupLeader): void {
    this.#add(`group ${nameOf(leader)}`);
  }

  /** Do it at once when the group is known to be empty: its number may be reused by another process. */
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

  /** Starts a reaper that knows all that is registered. */
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
    if (![...this.#registered].some((entry) => !entry.startsWith("above "))) return; // the next registration starts one
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

/** The leader of a group; where its start time is not known, its pid alone has to do. */
export interface GroupLeader {
  readonly pid: number;
  readonly startTime: string;
}

function nameOf({ pid, startTime }: GroupLeader): string {
  return `${pid}:${startTime}`;
}

/** The reaper of this process. */
export const reaper = new Reaper();
