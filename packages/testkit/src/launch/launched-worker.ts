import type { ReadyLine } from "inference-worker-protocol";
import type { ProcessDiedError } from "../errors/index.js";
import type { ExitInfo } from "./exit-info.js";
import { findBadEnd } from "./find-bad-end.js";
import type { WorkerLogs } from "./logs/worker-logs.js";
import type { ResolvedLaunchOptions } from "./options.js";
import type { FreePort } from "./ports/free-port.js";
import { findPortOwner } from "./ownership/find-port-owner.js";
import type { PortOwner } from "./ownership/port-owner.js";
import { letPendingExitFinish, readThreads, type Threads } from "./process/let-pending-exit-finish.js";
import { stopProcess, type StopReport } from "./process/stop-process.js";
import type { WorkerProcess } from "./process/worker-process.js";
import type { ReadyInfo } from "./readiness/ready-context.js";

/** What a {@link LaunchedWorker} is made of. */
export interface LaunchedWorkerParts {
  readonly process: WorkerProcess;
  readonly options: ResolvedLaunchOptions;
  readonly ready: ReadyInfo;
  readonly reservation: FreePort | undefined;
  readonly readyAfterMs: number;
  readonly startCount: number;
}

/** A running worker. Leaving its scope (`await using`) stops it with everything that it started. */
export class LaunchedWorker implements AsyncDisposable {
  readonly pid: number;
  readonly host: string;
  readonly port: number;
  /** The id that the worker was told, or, if it was told none, the one of its ready line. */
  readonly workerId: string;
  readonly command: string;
  /** The arguments with all placeholders filled. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly logs: WorkerLogs;
  /** The worker's ready line, if that was waited for; the token in `control_url` is hidden, see {@link revealControlUrl}. */
  readonly readyLine: ReadyLine | undefined;
  /** Who listens on the port, if readiness was polled there: the worker, or that could not be found out. */
  readonly portOwner: PortOwner | undefined;
  /** From the call to readiness in milliseconds, repeated starts included. */
  readonly readyAfterMs: number;
  /** 1, or more if the port was taken and the start was repeated with another one. */
  readonly startCount: number;
  /** Settles when the worker process has ended, for whatever reason; never rejects. */
  readonly exited: Promise<ExitInfo>;
  readonly #parts: LaunchedWorkerParts;
  readonly #threadsAtReady: Threads | undefined;
  #stopping: Promise<StopReport> | undefined;

  constructor(parts: LaunchedWorkerParts) {
    const { process, ready } = parts;
    this.#parts = parts;
    this.#threadsAtReady = readThreads(process.pid);
    this.pid = process.pid;
    this.host = ready.host;
    this.port = ready.port;
    this.workerId = ready.workerId;
    this.command = process.plan.command;
    this.args = process.plan.args;
    this.cwd = process.plan.cwd;
    this.logs = process.logs;
    this.readyLine = ready.readyLine;
    this.portOwner = ready.portOwner;
    this.readyAfterMs = parts.readyAfterMs;
    this.startCount = parts.startCount;
    this.exited = process.exited;
  }

  /** @internal The control listener's address with its token, if the ready line was waited for and has one. */
  revealControlUrl(): string | undefined {
    return this.readyLine === undefined ? undefined : this.#parts.process.logs.revealControlUrl();
  }

  /** How the worker ended; `undefined` as long as it runs. */
  get exitInfo(): ExitInfo | undefined {
    return this.#parts.process.exitInfo;
  }

  /**
   * Stops the worker: one that is just ending may do so first, then the shutdown signal is sent to its process group, SIGKILL after
   * `stopGraceMs`, and whatever it left behind is killed and reported. Every call returns the same promise; what a worker that has ended
   * by itself left behind is cleaned up as well.
   *
   * @throws {STOP_FAILED} a process is alive 5 s after SIGKILL.
   */
  stop(): Promise<StopReport> {
    this.#stopping ??= this.#stopOnce();
    return this.#stopping;
  }

  /** Looks up who listens on the worker's port now. Never rejects. */
  findPortOwner(): Promise<PortOwner> {
    const { host, port, pid } = this;
    return findPortOwner({ host, port, worker: { pid, token: this.#parts.process.plan.token } });
  }

  /**
   * The error for an end that is not a normal one, see `shutdownExitCodes`; it is for the caller to throw.
   *
   * @param end how the worker ended, as {@link stop} reports it.
   * @param stoppedBy what the worker was stopped for.
   */
  findBadEnd(
    end: Pick<StopReport, "exit" | "endedBefore" | "killed">,
    stoppedBy: "stopped" | "restarted" = "stopped",
  ): ProcessDiedError | undefined {
    return findBadEnd(this, end, { ...this.#parts.options, stoppedBy });
  }

  /** Waits until the last output of a worker that has ended is in {@link logs}; not longer than a quarter of a second. */
  async drainIfEnded(): Promise<void> {
    await this.#parts.process.drainIfEnded();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #stopOnce(): Promise<StopReport> {
    const { process, options, reservation } = this.#parts;
    const { stopGraceMs: graceMs, shutdownSignal } = options;
    await letPendingExitFinish(process, this.#threadsAtReady);
    const report = await stopProcess(process, { graceMs, shutdownSignal });
    reservation?.release();
    return report;
  }
}
