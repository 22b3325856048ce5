import type { ReadyLine } from "inference-worker-protocol";
import type { ProcessDiedError } from "../errors/index.js";
import type { SeenFinding } from "../findings/index.js";
import type { ExitInfo } from "./exit-info.js";
import { findBadEnd } from "./find-bad-end.js";
import type { WorkerLogs } from "./logs/worker-logs.js";
import type { ResolvedLaunchOptions } from "./options.js";
import type { FreePort } from "./ports/free-port.js";
import { findPortOwner } from "./ownership/find-port-owner.js";
import type { PortOwner } from "./ownership/port-owner.js";
import { letPendingExitFinish, readThreads, type Threads } from "./process/let-pending-exit-finish.js";
import { findProcessFindings, findUnaskedEnd } from "./process-findings.js";
import { readHoldings, type Holdings } from "./process/holdings.js";
import { stopProcess, type StopReport } from "./process/stop-process.js";
import type { WorkerProcess } from "./process/worker-process.js";
import type { ReadyInfo } from "./readiness/ready-context.js";

/** Parts of a {@link LaunchedWorker}. */
export interface LaunchedWorkerParts {
  readonly process: WorkerProcess;
  readonly options: ResolvedLaunchOptions;
  readonly ready: ReadyInfo;
  readonly reservation: FreePort | undefined;
  readonly readyAfterMs: number;
  readonly startCount: number;
}

/** A running worker. Leaving its scope (`await using`) stops it and everything it started. */
export class LaunchedWorker implements AsyncDisposable {
  readonly pid: number;
  readonly host: string;
  readonly port: number;
  /** The id that was passed to the worker; if none was, the id in its ready line. */
  readonly workerId: string;
  readonly command: string;
  /** The arguments with all placeholders filled. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly logs: WorkerLogs;
  /** The worker's ready line, if the launch waited for one; the token in `control_url` is hidden, see {@link revealControlUrl}. */
  readonly readyLine: ReadyLine | undefined;
  /** Who listens on the port, if readiness was polled there: the worker, or `unverified`. */
  readonly portOwner: PortOwner | undefined;
  /** Time from the call to readiness in milliseconds, including repeated starts. */
  readonly readyAfterMs: number;
  /** More than 1 if the port was taken and the start was repeated with another one. */
  readonly startCount: number;
  /** Settles when the worker process has ended for any reason; never rejects. */
  readonly exited: Promise<ExitInfo>;
  readonly #parts: LaunchedWorkerParts;
  readonly #threadsAtReady: Threads | undefined;
  /** An ended worker has nothing open any more. */
  readonly #holdingsAtReady: Holdings;
  #stopping: Promise<StopReport> | undefined;

  constructor(parts: LaunchedWorkerParts) {
    const { process, ready } = parts;
    this.#parts = parts;
    this.#threadsAtReady = readThreads(process.pid);
    this.#holdingsAtReady = readHoldings([process.pid]);
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

  /** @internal The control listener's address with its token, if the launch waited for a ready line and that has one. */
  revealControlUrl(): string | undefined {
    return this.readyLine === undefined ? undefined : this.#parts.process.logs.revealControlUrl();
  }

  /** How the worker ended; `undefined` while it runs. */
  get exitInfo(): ExitInfo | undefined {
    return this.#parts.process.exitInfo;
  }

  /**
   * Stops the worker. An exit that is already under way may finish first; then its process group gets the shutdown signal, and SIGKILL
   * after `stopGraceMs`. Processes it left behind are killed and reported, also those of a worker that has ended by itself. Every call
   * returns the same promise.
   *
   * @throws {STOP_FAILED} a process is still alive 5 s after SIGKILL.
   */
  stop(): Promise<StopReport> {
    this.#stopping ??= this.#stopOnce();
    return this.#stopping;
  }

  /** What a stop showed to be wrong. @param report as {@link stop} resolves with it. */
  findFindings(report: StopReport): readonly SeenFinding[] {
    return findProcessFindings({ pid: this.pid, options: this.#parts.options }, report);
  }

  /** Looks up who listens on the worker's port now. Never rejects. */
  findPortOwner(): Promise<PortOwner> {
    const { host, port, pid } = this;
    return findPortOwner({ host, port, worker: { pid, token: this.#parts.process.plan.token } });
  }

  /**
   * The error for an abnormal end, see `shutdownExitCodes`; throwing it is up to the caller.
   *
   * @param end how the worker ended, as {@link stop} reports it.
   * @param stoppedBy why the worker was stopped.
   */
  findBadEnd(
    end: Pick<StopReport, "exit" | "endedBefore" | "killed">,
    stoppedBy: "stopped" | "restarted" = "stopped",
  ): ProcessDiedError | undefined {
    return findBadEnd(this, end, { ...this.#parts.options, stoppedBy });
  }

  /** An end with exit code 0 for which no one had asked; whether the test expects it is up to the caller. */
  findUnaskedEnd(report: StopReport): SeenFinding | undefined {
    return findUnaskedEnd(this.pid, report);
  }

  /** Waits until the last output of an ended worker is in {@link logs}, for at most 250 ms. */
  async drainIfEnded(): Promise<void> {
    await this.#parts.process.drainIfEnded();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #stopOnce(): Promise<StopReport> {
    const { process, options, reservation } = this.#parts;
    const looksForExposure = process.exitInfo === undefined && isFirstLook(options);
    const ready = { holdings: this.#holdingsAtReady, looksForExposure };
    const { stopGraceMs: graceMs, shutdownSignal } = options;
    await letPendingExitFinish(process, this.#threadsAtReady);
    const report = await stopProcess(process, { graceMs, shutdownSignal, ready });
    reservation?.release();
    return report;
  }
}

const looked = new Set<string>();
/** Arguments may be as long as the configuration of a stub. */
const MOST_PROGRAMS = 1_000;

/**
 * Whether this program, with these arguments, is stopped for the first time. On which addresses it listens is the same every time, and the
 * kernel takes about 10 ms to list all sockets of the machine.
 */
function isFirstLook({ command, args }: ResolvedLaunchOptions): boolean {
  const program = JSON.stringify([command, args]);
  const isFirst = !looked.has(program);
  if (looked.size >= MOST_PROGRAMS) looked.clear();
  looked.add(program);
  return isFirst;
}
