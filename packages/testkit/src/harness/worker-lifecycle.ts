import { joinSignals } from "../system/index.js";
import { InvalidOptionError, TestkitError } from "../errors/index.js";
import type { ProcessControl } from "../faults/index.js";
import type { SeenFinding } from "../findings/index.js";
import {
  settlesWithin,
  type ExitInfo,
  type LaunchedWorker,
  type StopReport,
  type WorkerLogs,
} from "../launch/index.js";
import { resolveOptions, signalName } from "../options/index.js";
import { RESTART_OPTIONS, type RestartOptions } from "./options.js";

/**
 * Prepares one more start of the same program on the same port; the returned function starts it.
 *
 * @throws {INVALID_OPTION} the worker cannot be restarted.
 */
export type Relaunch = (startCount: number, options: RestartOptions) => () => Promise<LaunchedWorker>;

/** Hooks around the replacement of one process by the next. */
export interface RestartSteps {
  /** The old process is about to be stopped, if it is still running. */
  readonly before: () => Promise<void>;
  /** Whether a fault ended the old process; called once it is gone. */
  readonly causedExit: () => boolean;
  /** The old process is gone. @param startCount the number of its start. */
  readonly between: (startCount: number) => void;
}

/** The process of a worker and its successors after `restart()`. */
export class WorkerLifecycle implements ProcessControl {
  readonly #relaunch: Relaunch;
  readonly #previousLogs: WorkerLogs[] = [];
  #current: LaunchedWorker;
  #startCount = 1;
  #exitIsExpected = false;
  /** Calls that end or suspend the process, as the test wrote them. */
  readonly #deeds: string[] = [];
  readonly #findings: SeenFinding[] = [];
  readonly #judged = new WeakSet<LaunchedWorker>();
  /** Abnormal ends of replaced processes. */
  readonly #badEnds: Error[] = [];
  /** Replaced processes that had ended by themselves with exit code 0. */
  readonly #unaskedEnds: SeenFinding[] = [];
  #wakeUp: NodeJS.Timeout | undefined;
  #restarting: Promise<unknown> | undefined;
  /** Fires when the worker is stopped for good. */
  readonly #ended = new AbortController();

  constructor(first: LaunchedWorker, relaunch: Relaunch) {
    this.#current = first;
    this.#relaunch = relaunch;
  }

  /** What the stops of the processes showed to be wrong, oldest first. */
  get findings(): readonly SeenFinding[] {
    return [...this.#findings];
  }

  /** What the test did to the processes, such as `kill("SIGKILL")`. */
  get deeds(): readonly string[] {
    return [...this.#deeds];
  }

  get current(): LaunchedWorker {
    return this.#current;
  }

  /** Of the processes before the current one, oldest first. */
  get previousLogs(): readonly WorkerLogs[] {
    return [...this.#previousLogs];
  }

  /** The number of the current start, from 1. */
  get startCount(): number {
    return this.#startCount;
  }

  /** Whether the test has asked the current process to end, or waits for it. */
  get exitIsExpected(): boolean {
    return this.#exitIsExpected;
  }

  /** From now on, any end of the current process is expected. */
  expectExit(): void {
    this.#exitIsExpected = true;
  }

  /** The signal does not excuse a crash that came before it. */
  kill(signal: NodeJS.Signals): boolean {
    signalName().read("signal", signal);
    if (this.#current.exitInfo === undefined) {
      this.expectExit();
      this.#note(`kill("${signal}")`);
    }
    return this.#signal(signal);
  }

  pause(forMs?: number): boolean {
    const isStopped = this.#signal("SIGSTOP");
    if (isStopped) this.#note("pause()");
    clearTimeout(this.#wakeUp);
    if (isStopped && forMs !== undefined) this.#wakeUp = setTimeout(() => this.resume(), forMs);
    return isStopped;
  }

  resume(): boolean {
    clearTimeout(this.#wakeUp);
    return this.#signal("SIGCONT");
  }

  /** @throws {EXIT_TIMEOUT} still alive. */
  async waitForExit(timeoutMs: number): Promise<ExitInfo> {
    const worker = this.#current;
    this.expectExit();
    if (await settlesWithin(worker.exited, timeoutMs)) return worker.exited;
    throw new TestkitError("EXIT_TIMEOUT", {
      message: `worker ${worker.workerId} is still alive after ${timeoutMs} ms`,
      details: { pid: worker.pid },
      logTail: worker.logs.tail(),
    });
  }

  /** Ends whatever is left of the current process and starts the next one. @param deadline ends the start, too: the limit of the test. */
  async restart(
    options: RestartOptions,
    deadline: AbortSignal | undefined,
    steps: RestartSteps,
  ): Promise<LaunchedWorker> {
    const { readyTimeoutMs, signal: given } = resolveOptions(RESTART_OPTIONS, options);
    if (this.#restarting !== undefined) throw new InvalidOptionError({ message: "Expected one `restart()` at a time" });
    const signal = joinSignals(this.#ended.signal, given, deadline);
    const start = this.#relaunch(this.#startCount + 1, { readyTimeoutMs, signal });
    const restarted = this.#restart(start, steps);
    this.#restarting = restarted.catch(() => undefined);
    try {
      return await restarted;
    } finally {
      this.#restarting = undefined;
    }
  }

  /** Aborts a restart in progress and prevents further ones. */
  async endRestarts(): Promise<void> {
    this.#ended.abort(new Error("the worker was stopped while it was being restarted"));
    await this.#restarting;
  }

  /** Ends the current process and everything it started. */
  async stop(): Promise<StopReport> {
    clearTimeout(this.#wakeUp);
    const report = await this.#current.stop();
    if (!this.#judged.has(this.#current)) this.#findings.push(...this.#current.findFindings(report));
    this.#judged.add(this.#current); // a restart that failed leaves the stopped process
    return report;
  }

  /**
   * An error for each unexpected end, oldest first, including processes that `restart()` replaced.
   *
   * @param report `undefined` if the worker could not be stopped.
   */
  findBadEnds(report: StopReport | undefined): Error[] {
    const { exitInfo: exit } = this.#current;
    if (this.#exitIsExpected || exit === undefined) return [...this.#badEnds];
    const last = this.#current.findBadEnd(report ?? { exit, endedBefore: true, killed: false });
    return last === undefined ? [...this.#badEnds] : [...this.#badEnds, last];
  }

  /** A finding for each process that ended by itself without an error, oldest first. */
  findUnaskedEnds(report: StopReport | undefined): readonly SeenFinding[] {
    const last = this.#exitIsExpected || report === undefined ? undefined : this.#current.findUnaskedEnd(report);
    return last === undefined ? [...this.#unaskedEnds] : [...this.#unaskedEnds, last];
  }

  async #restart(start: () => Promise<LaunchedWorker>, steps: RestartSteps): Promise<LaunchedWorker> {
    this.resume(); // a stopped process could not answer a last request
    this.#note("restart()");
    await steps.before();
    const report = await this.stop();
    if (!this.#exitIsExpected && !steps.causedExit()) this.#noteBadEnd(report);
    this.expectExit(); // it has been judged
    this.#previousLogs.push(this.#current.logs);
    steps.between(this.#startCount);
    this.#startCount += 1;
    this.#current = await start();
    this.#exitIsExpected = false;
    return this.#current;
  }

  #note(deed: string): void {
    if (!this.#deeds.includes(deed)) this.#deeds.push(deed);
  }

  #noteBadEnd(report: StopReport): void {
    const badEnd = this.#current.findBadEnd(report, "restarted");
    if (badEnd !== undefined) this.#badEnds.push(badEnd);
    const unasked = this.#current.findUnaskedEnd(report);
    if (unasked !== undefined) this.#unaskedEnds.push(unasked);
  }

  /** Sent to the process only, not to its group. */
  #signal(signal: NodeJS.Signals): boolean {
    const { pid, exitInfo } = this.#current;
    if (exitInfo !== undefined) return false;
    try {
      return process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ESRCH") return false; // its end is about to be reported
      throw error;
    }
  }
}
