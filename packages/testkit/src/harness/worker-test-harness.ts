import { setImmediate as nextTurn } from "node:timers/promises";
import type { CancelAnswer, Health } from "inference-worker-protocol";
import type { WorkerClient } from "../client/index.js";
import {
  type CallOptions,
  type ExecuteBody,
  type ExecuteOptions,
  type ExecuteResponse,
  type MetricsSnapshot,
  type RawRequest,
} from "../client/index.js";
import { checkPositive, InvalidOptionError, TestkitError } from "../errors/index.js";
import {
  disconnectAfter,
  executeAll,
  type DisconnectAfterOptions,
  type DisconnectResult,
  type ExecuteAllOptions,
  type JobItem,
  type JobOutcome,
} from "../jobs/index.js";
import {
  createProcessDiedError,
  settlesWithin,
  type ExitInfo,
  type LaunchedWorker,
  type StopReport,
  type WorkerLogs,
} from "../launch/index.js";
import { explainDeath } from "./explain-death.js";
import { attachWorker, startMockWorker, startModelWorker, startProgram, type HarnessParts } from "./start.js";
import type { HarnessOptions, MockWorkerOptions, ProgramOptions, WorkerOptions } from "./worker-options.js";

const EXIT_TIMEOUT_MS = 10_000;
const LOG_TAIL_LINES = 20;
const CRASH_SIGNALS = new Set<string>(["SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE", "SIGTRAP", "SIGSYS"]);

/**
 * A worker under test: started (or attached), proved to be the right one, able to serve. Leaving the scope stops it and
 * everything it started, whatever happened before.
 *
 * @example
 * await using worker = await WorkerTestHarness.startMock();
 * const events = await collectSseEvents(await worker.execute(makeTestRequest("job-1", "Hello", 10)));
 * assertSuccessfulCompletion(events);
 */
export class WorkerTestHarness implements AsyncDisposable {
  readonly #client: WorkerClient;
  readonly #process: LaunchedWorker | undefined;
  /** The identity that `/health` reports. */
  readonly workerId: string;
  #exitIsExpected = false;
  #stopped: Promise<StopReport | undefined> | undefined;

  private constructor(parts: HarnessParts) {
    this.#client = parts.client;
    this.#process = parts.process;
    this.workerId = parts.workerId;
  }

  /**
   * Starts the worker with a model and waits until it can serve, 30 s by default.
   *
   * @param gpuDevice GPU number; -1 is the CPU, asked for by name: there is no fallback.
   * @throws {SPAWN_FAILED} @throws {PROCESS_DIED} @throws {READY_TIMEOUT} @throws {WRONG_IDENTITY} @throws {INVALID_OPTION}
   * @example await using worker = await WorkerTestHarness.start(model.path, -1);
   */
  static async start(modelPath: string, gpuDevice: number, options: WorkerOptions = {}): Promise<WorkerTestHarness> {
    return new WorkerTestHarness(await startModelWorker(modelPath, gpuDevice, options));
  }

  /**
   * Starts the worker in stub mode: no model, no GPU, about a tenth of a second. Ready within 10 s by default.
   *
   * @throws {SPAWN_FAILED} @throws {PROCESS_DIED} @throws {READY_TIMEOUT} @throws {WRONG_IDENTITY} @throws {INVALID_OPTION}
   * @example await using worker = await WorkerTestHarness.startMock({ stub: { timing: { gapMs: 5 } } });
   */
  static async startMock(options: MockWorkerOptions = {}): Promise<WorkerTestHarness> {
    return new WorkerTestHarness(await startMockWorker(options));
  }

  /**
   * Starts any program that serves the protocol; `{port}`, `{workerId}` and `{host}` are replaced in `args` and `env`.
   *
   * @throws {SPAWN_FAILED} @throws {PROCESS_DIED} @throws {READY_TIMEOUT} @throws {WRONG_IDENTITY} @throws {INVALID_OPTION}
   * @example
   * await using worker = await WorkerTestHarness.launch({
   *   command: "./my-worker",
   *   args: ["--port", "{port}", "--id", "{workerId}"],
   *   ready: { kind: "http" },
   * });
   */
  static async launch(options: ProgramOptions): Promise<WorkerTestHarness> {
    return new WorkerTestHarness(await startProgram(options));
  }

  /**
   * Uses a worker that runs already; `stop()` only closes the connections.
   *
   * @throws {CONNECT_FAILED} @throws {INVALID_OPTION}
   */
  static async attach(url: string, options: HarnessOptions = {}): Promise<WorkerTestHarness> {
    return new WorkerTestHarness(await attachWorker(url, options));
  }

  get baseUrl(): string {
    return this.#client.baseUrl;
  }

  get port(): number {
    return Number(new URL(this.baseUrl).port);
  }

  /** Process id of the worker; it also names its process group. `undefined` when attached. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Milliseconds from the start of the program until it could serve. `undefined` when attached. */
  get readyAfterMs(): number | undefined {
    return this.#process?.readyAfterMs;
  }

  /** How the process ended, once it has. */
  get exitInfo(): ExitInfo | undefined {
    return this.#process?.exitInfo;
  }

  /**
   * What the worker wrote to stdout and stderr.
   *
   * @throws {INVALID_OPTION} for an attached worker, whose output is not ours.
   */
  get logs(): WorkerLogs {
    return this.#requireProcess("logs").logs;
  }

  /**
   * `POST /execute`. Resolves for every HTTP answer; the status is part of the response.
   *
   * @throws {PROCESS_DIED} the worker ended. @throws {CONNECT_FAILED} @throws {LIMIT_HEADERS} @throws {STREAM_ABORTED}
   */
  execute(request: ExecuteBody, options?: ExecuteOptions): Promise<ExecuteResponse> {
    return this.#explainDeath(this.#client.execute(request, options));
  }

  /**
   * Runs many jobs, all at once unless `concurrency` is set, and resolves with one outcome for each, in order; see `executeAll()`.
   *
   * @throws {INVALID_OPTION} @throws {PROGRESS_FAILED}
   * @example assertAllOk(await worker.executeAll(requests, { concurrency: 8, onProgress: progressLine() }));
   */
  executeAll(requests: readonly JobItem[], options?: ExecuteAllOptions): Promise<JobOutcome[]> {
    return executeAll(this, requests, options);
  }

  /**
   * Sends a request and disappears at socket level after so many tokens; see `disconnectAfter()`, and `waitForIdle()` for the
   * worker's side.
   *
   * @throws {DISCONNECT_TOO_LATE} the stream ended before. @throws {INVALID_OPTION} @throws {HTTP_FAILED}
   * @example await worker.disconnectAfter(request, { tokens: 3, how: "reset" });
   */
  disconnectAfter(request: ExecuteBody, options: DisconnectAfterOptions): Promise<DisconnectResult> {
    return disconnectAfter(this, request, options);
  }

  /** Any request, any answer: for what has no method of its own. */
  request(path: string, options?: RawRequest): Promise<ExecuteResponse> {
    return this.#explainDeath(this.#client.request(path, options));
  }

  /** `GET /health`; also an unhealthy worker's answer is returned. @throws {HTTP_FAILED} @throws {INVALID_RESPONSE} */
  health(options?: CallOptions): Promise<Health> {
    return this.#explainDeath(this.#client.health(options));
  }

  /** `POST /cancel/{jobId}`; idempotent. @throws {HTTP_FAILED} @throws {INVALID_RESPONSE} */
  cancel(jobId: string, options?: CallOptions): Promise<CancelAnswer> {
    return this.#explainDeath(this.#client.cancel(jobId, options));
  }

  /** `GET /metrics`. @throws {HTTP_FAILED} @throws {INVALID_RESPONSE} */
  metrics(options?: CallOptions): Promise<MetricsSnapshot> {
    return this.#explainDeath(this.#client.metrics(options));
  }

  /** `POST /shutdown`: asks the worker to end by itself; {@link waitForExit} waits for it. */
  async shutdown(options?: CallOptions): Promise<void> {
    this.#exitIsExpected = true;
    await this.#explainDeath(this.#client.shutdown(options));
  }

  /** Sends a signal to the worker process alone, not to its group; its end is then expected. */
  kill(signal: NodeJS.Signals): void {
    const worker = this.#requireProcess("kill()");
    this.#exitIsExpected = true;
    if (worker.exitInfo === undefined) process.kill(worker.pid, signal);
  }

  /**
   * Waits until the worker process ends by itself; that end is then expected.
   *
   * @param options.timeoutMs @default 10000
   * @throws {INVALID_OPTION} attached. @throws {EXIT_TIMEOUT} still alive.
   */
  async waitForExit(options: { readonly timeoutMs?: number | undefined } = {}): Promise<ExitInfo> {
    const timeoutMs = options.timeoutMs ?? EXIT_TIMEOUT_MS;
    checkPositive("timeoutMs", timeoutMs);
    const worker = this.#requireProcess("waitForExit()");
    this.#exitIsExpected = true;
    if (await settlesWithin(worker.exited, timeoutMs)) return worker.exited;
    const message = `worker ${this.workerId} is still alive after ${timeoutMs} ms`;
    throw new TestkitError("EXIT_TIMEOUT", {
      message,
      details: { pid: worker.pid },
      logTail: worker.logs.tail(LOG_TAIL_LINES),
    });
  }

  /**
   * Stops the worker and everything it started: SIGTERM, after the grace SIGKILL to the whole group; verifies that nothing is
   * left. Idempotent; a test that leaves the scope of `await using` need not call it. Resolves with what was done,
   * `undefined` when attached.
   *
   * @throws {STOP_FAILED} a process outlived SIGKILL.
   * @throws {PROCESS_DIED} the worker had ended before by itself, with an error and unexpectedly, or crashed while it shut
   * down: a crash never goes unseen.
   */
  stop(): Promise<StopReport | undefined> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #stop(): Promise<StopReport | undefined> {
    await nextTurn(); // an end that the event loop has not told yet
    const diedBefore = this.#process?.exitInfo;
    const [stopped] = await Promise.allSettled([this.#process?.stop(), this.#client.close()]);
    if (stopped.status === "rejected") throw stopped.reason;
    if (!this.#exitIsExpected) this.#throwIfCrashed(diedBefore, stopped.value?.exit);
    return stopped.value;
  }

  /** A crash signal is none of ours: the worker crashed a moment before the stop, or while it shut down. */
  #throwIfCrashed(diedBefore: ExitInfo | undefined, exit: ExitInfo | undefined): void {
    if (diedBefore !== undefined) {
      const clean = diedBefore.kind === "exited" && diedBefore.code === 0;
      if (!clean) throw createProcessDiedError(this.#requireProcess("stop()"), "before it was stopped");
    } else if (exit?.kind === "signalled" && CRASH_SIGNALS.has(exit.signal)) {
      throw createProcessDiedError(this.#requireProcess("stop()"), "while it was being stopped");
    }
  }

  async #explainDeath<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      throw await explainDeath(error, this.#process);
    }
  }

  #requireProcess(what: string): LaunchedWorker {
    if (this.#process !== undefined) return this.#process;
    throw new InvalidOptionError({
      message: `Expected a worker that was started here for \`${what}\`, got an attached one`,
      hint: "Use start(), startMock() or launch() when the test needs the process.",
    });
  }
}
