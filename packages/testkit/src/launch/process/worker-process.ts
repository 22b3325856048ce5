import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Readable } from "node:stream";
import { createExitInfo, type ExitInfo } from "../exit-info.js";
import { LogBuffer } from "../logs/log-buffer.js";
import { settlesWithin } from "../wait.js";
import { Descendants } from "./descendants.js";
import { readStatus, type ProcessStatus } from "./process-status.js";
import { isGroupGone, signalGroup } from "./process-table.js";
import { reaper, type GroupLeader } from "./reaper.js";
import { sampler } from "./sampler.js";
import { createSpawnFailedError } from "./spawn-failure.js";
import type { SpawnPlan } from "./spawn-plan.js";

type Child = ChildProcessByStdio<null, Readable, Readable>;

/**
 * How long the last output of an ended process may take to arrive; only a grandchild that keeps the pipe open takes
 * longer.
 */
const DRAIN_MS = 250;

/**
 * A spawned program in its own process group, registered with the reaper, with its output always drained. Node's own
 * spawn is used: importing execa costs about 80 ms, more than starting a small worker, and what it adds (kill escalation
 * for one process) does not cover groups and orphans.
 */
export class WorkerProcess {
  readonly pid: number;
  readonly plan: SpawnPlan;
  readonly logs: LogBuffer;
  /** Settles when the process has ended, even after a crash; never rejects. */
  readonly exited: Promise<ExitInfo>;
  readonly #child: Child;
  readonly #closed: Promise<void>;
  readonly #leader: GroupLeader;
  #descendants: Descendants | undefined;
  #exitInfo: ExitInfo | undefined;
  #groupIsGone = false;

  /** @throws {SPAWN_FAILED} the message says what was looked for and where. */
  static async spawn(plan: SpawnPlan): Promise<WorkerProcess> {
    reaper.announceToken(plan.token);
    try {
      const child = spawnChild(plan);
      if (child.pid === undefined) throw await failureOf(child);
      return new WorkerProcess(child, child.pid, plan);
    } catch (error) {
      reaper.forgetToken(plan.token);
      throw createSpawnFailedError(plan, error as NodeJS.ErrnoException);
    }
  }

  private constructor(child: Child, pid: number, plan: SpawnPlan) {
    const status = process.platform === "linux" ? readStatus(pid) : undefined; // takes milliseconds on other systems
    this.#leader = { pid, startTime: status?.startTime ?? "" };
    reaper.addGroup(this.#leader);
    this.pid = pid;
    if (status !== undefined) this.#follow(status);
    this.plan = plan;
    this.#child = child;
    this.logs = new LogBuffer(plan.logLines);
    child.stdout.on("data", (chunk: Buffer) => this.logs.write("stdout", chunk));
    child.stderr.on("data", (chunk: Buffer) => this.logs.write("stderr", chunk));
    child.on("error", () => undefined); // only a failed start matters, and the start is done
    this.exited = new Promise((resolve) => {
      child.once("exit", (code, signal) => resolve(this.#recordExit(createExitInfo(code, signal))));
    });
    this.#closed = new Promise((resolve) => {
      child.once("close", () => {
        this.logs.end();
        resolve();
      });
    });
  }

  /** With the pid, it identifies the process for good; empty where reading it takes long. */
  get startTime(): string {
    return this.#leader.startTime;
  }

  /** `undefined` while the process runs. */
  get exitInfo(): ExitInfo | undefined {
    return this.#exitInfo;
  }

  /** True once no process of the group was left after the exit; from then on its id is meaningless. */
  get groupIsGone(): boolean {
    return this.#groupIsGone;
  }

  /** Signals the whole group; does nothing once the group is gone. */
  signal(signal: NodeJS.Signals): void {
    if (!this.#groupIsGone) signalGroup(this.pid, signal);
  }

  /** Checks again whether the group is gone, and notifies the reaper. */
  checkGroup(): void {
    if (this.#groupIsGone || this.#exitInfo === undefined || !isGroupGone(this.pid)) return;
    this.#groupIsGone = true;
    reaper.removeGroup(this.#leader);
  }

  /**
   * Looks for processes that the worker has started, before it is shut down: at that time they still have their parents.
   */
  lookForDescendants(): void {
    if (this.#descendants === undefined && this.#exitInfo === undefined) this.#follow(readStatus(this.pid));
    sampler.look();
  }

  /** Every running descendant of the worker, whatever its group, session and environment. */
  listDescendants(): readonly ProcessStatus[] {
    sampler.look();
    if (this.#descendants === undefined || this.#descendants.listRunning().length === 0) return [];
    this.#descendants.takeInAll();
    return this.#descendants.listRunning();
  }

  /** Waits until the output of an ended process has arrived; gives up after {@link DRAIN_MS}. */
  async drainIfEnded(): Promise<void> {
    if (this.#exitInfo !== undefined) await settlesWithin(this.#closed, DRAIN_MS);
  }

  /** The last step, when nothing of the worker is left: closes the pipes and notifies the reaper. */
  async dismiss(): Promise<void> {
    await this.drainIfEnded();
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
    this.logs.end();
    this.#unfollow();
    reaper.removeGroup(this.#leader);
    reaper.forgetToken(this.plan.token);
  }

  #follow(root: ProcessStatus | undefined): void {
    if (root === undefined) return;
    this.#descendants = new Descendants(root, {
      found: (status) => reaper.addProcess(status),
      ended: (status) => reaper.removeProcess(status),
    });
    sampler.follow(this.#descendants, this.pid);
  }

  #unfollow(): void {
    if (this.#descendants === undefined) return;
    sampler.unfollow(this.#descendants);
    this.#descendants.forgetAll();
  }

  #recordExit(exit: ExitInfo): ExitInfo {
    this.#exitInfo = exit;
    this.checkGroup();
    return exit;
  }
}

function spawnChild(plan: SpawnPlan): Child {
  return spawn(plan.command, plan.args, {
    cwd: plan.cwd,
    env: plan.env,
    detached: true, // its own session, and so its own process group
    stdio: ["ignore", "pipe", "pipe"],
  });
}

function failureOf(child: Child): Promise<Error> {
  return new Promise((resolve) => child.once("error", resolve));
}
