import { setImmediate as nextTurn } from "node:timers/promises";
import type { CancelAnswer, Health } from "inference-worker-protocol";
import type { Slots } from "../dialects/index.js";
import type { JournalAnswer, StubConfigInput } from "worker-orcd-control";
import type { Dialect } from "../dialects/index.js";
import type { WorkerClient } from "../client/index.js";
import {
  type CallOptions,
  type ExecuteBody,
  type ExecuteOptions,
  type ExecuteResponse,
  type MetricsSnapshot,
  type RawRequest,
} from "../client/index.js";
import { InvalidOptionError } from "../errors/index.js";
import type { Recording, RecordOptions } from "../evidence/index.js";
import {
  disconnectAfter,
  executeAll,
  type DisconnectAfterOptions,
  type DisconnectResult,
  type ExecuteAllOptions,
  type JobItem,
  type JobOutcome,
} from "../jobs/index.js";
import { WorkerFaults, type FaultSession } from "../faults/index.js";
import { explainDeath, type ExitInfo, type PortOwner, type StopReport, type WorkerLogs } from "../launch/index.js";
import { resolveOptions } from "../options/index.js";
import {
  EXIT_WAIT_OPTIONS,
  PAUSE_OPTIONS,
  type ExitWaitOptions,
  type AttachOptions,
  type MockWorkerOptions,
  type PauseOptions,
  type ProgramOptions,
  type RestartOptions,
  type WorkerOptions,
} from "./options.js";
import { Recordings } from "./recordings.js";
import { attachWorker } from "./attach.js";
import { startMockWorker, startModelWorker, startProgram, type HarnessParts } from "./start.js";
import type { WorkerLifecycle } from "./worker-lifecycle.js";

/** What can be changed of a running stub. */
export interface StubControl {
  /**
   * Sets what the stub does for jobs from now on: content, timing, memory. The keys of the start do not change.
   *
   * @throws {INVALID_OPTION} an unknown key or a wrong value, and nothing is changed; a worker that is not in stub mode.
   * @example await worker.stub.configure({ timing: { itlMs: 20 } });
   */
  configure(config: StubConfigInput): Promise<void>;
}

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
  readonly #process: WorkerLifecycle | undefined;
  readonly #faults: FaultSession;
  /** What the worker speaks. */
  readonly dialect: Dialect;
  /** How it is known what the worker speaks: what `attach()` found out; undefined if the caller said it. */
  readonly recognizedBy: string | undefined;
  /** The identity that the worker reports. */
  readonly workerId: string;
  /** Arms faults, and reports what became of them. */
  readonly faults: WorkerFaults;
  /** The stub engine of a worker that was started with `startMock()`. */
  readonly stub: StubControl = { configure: (config) => this.#faults.configure(config) };
  readonly #recordings: Recordings;
  #stopped: Promise<StopReport | undefined> | undefined;

  private constructor(parts: HarnessParts) {
    this.#client = parts.client;
    this.#process = parts.process;
    this.dialect = parts.client.dialect;
    this.recognizedBy = parts.recognizedBy;
    this.workerId = parts.workerId;
    this.#faults = parts.faults;
    this.faults = new WorkerFaults(parts.faults);
    this.#recordings = new Recordings(parts);
  }

  /**
   * Starts the worker with a model and waits until it can serve, 30 s by default.
   *
   * @param gpuDevice GPU number; -1 is the CPU; there is no fallback.
   * @throws {SPAWN_FAILED} @throws {PROCESS_DIED} @throws {READY_TIMEOUT} @throws {WRONG_IDENTITY} @throws {INVALID_OPTION}
   * @example await using worker = await WorkerTestHarness.start(model.path, -1);
   */
  static async start(modelPath: string, gpuDevice: number, options: WorkerOptions = {}): Promise<WorkerTestHarness> {
    return new WorkerTestHarness(await startModelWorker({ modelPath, gpuDevice }, options));
  }

  /**
   * Starts the worker in stub mode: no model, no GPU, about a tenth of a second. Ready within 10 s by default.
   *
   * @throws {SPAWN_FAILED} @throws {PROCESS_DIED} @throws {READY_TIMEOUT} @throws {WRONG_IDENTITY} @throws {INVALID_OPTION}
   * @example await using worker = await WorkerTestHarness.startMock({ stub: { timing: { itlMs: 5 } } });
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
   * Uses a worker that runs already; `stop()` only closes the connections. Without `dialect`, a few questions show what it speaks.
   *
   * @throws {CONNECT_FAILED} @throws {INVALID_OPTION} also a `model` that the server does not have.
   * @throws {INVALID_RESPONSE} no answer shows what the server speaks; the message lists them.
   * @example await using worker = await WorkerTestHarness.attach("http://127.0.0.1:8080/v1", { dialect: "openai-chat" });
   */
  static async attach(url: string, options: AttachOptions = {}): Promise<WorkerTestHarness> {
    return new WorkerTestHarness(await attachWorker(url, options));
  }

  get baseUrl(): string {
    return this.#client.baseUrl;
  }

  /** The model that requests name, where the dialect has one. */
  get model(): string | undefined {
    return this.#client.model;
  }

  get port(): number {
    return Number(new URL(this.baseUrl).port);
  }

  /** Process id of the worker; it also names its process group. `undefined` when attached. */
  get pid(): number | undefined {
    return this.#process?.current.pid;
  }

  /** Milliseconds from the start of the program until it could serve. `undefined` when attached. */
  get readyAfterMs(): number | undefined {
    return this.#process?.current.readyAfterMs;
  }

  /**
   * Who listens on the port of a program whose port was polled: `worker`, or `unverified` with the reason. `undefined` when it was not
   * looked up, see `checkPortOwner`, or attached.
   */
  get portOwner(): PortOwner | undefined {
    return this.#process?.current.portOwner;
  }

  /** How the process ended, once it has. */
  get exitInfo(): ExitInfo | undefined {
    return this.#process?.current.exitInfo;
  }

  /**
   * What the worker wrote to stdout and stderr; after a `restart()`, what the new process wrote.
   *
   * @throws {INVALID_OPTION} for an attached worker, whose output is not ours.
   */
  get logs(): WorkerLogs {
    return this.#requireProcess("logs").current.logs;
  }

  /** The logs of the processes before each `restart()`, oldest first. */
  get previousLogs(): readonly WorkerLogs[] {
    return this.#process?.previousLogs ?? [];
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
   * Sends a request and disconnects at socket level after `tokens` tokens; see `disconnectAfter()`, and `waitForIdle()` for the
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

  /** The `slots` of `GET /health`, whatever else its answer has or lacks. @throws {HTTP_FAILED} @throws {INVALID_RESPONSE} */
  slots(options?: CallOptions): Promise<Slots> {
    return this.#explainDeath(this.#client.slots(options));
  }

  /** `POST /cancel/{jobId}`; idempotent. @throws {HTTP_FAILED} @throws {INVALID_RESPONSE} */
  cancel(jobId: string, options?: CallOptions): Promise<CancelAnswer> {
    return this.#explainDeath(this.#client.cancel(jobId, options));
  }

  /** `GET /metrics`. @throws {HTTP_FAILED} @throws {INVALID_RESPONSE} */
  metrics(options?: CallOptions): Promise<MetricsSnapshot> {
    return this.#explainDeath(this.#client.metrics(options));
  }

  /**
   * What a worker in stub mode sent and when, for the last jobs or for one. The times are comparable between the processes of this
   * machine.
   *
   * @throws {INVALID_OPTION} not in stub mode. @throws {CONNECT_FAILED}
   */
  journal(jobId?: string): Promise<JournalAnswer> {
    return this.#explainDeath(this.#faults.journal(jobId));
  }

  /**
   * Keeps everything that goes over this harness from now on, and writes it to the folder when the worker is stopped, however the test
   * ends: requests, events with their times, seeds, timings, the worker's log, verdicts, and what it all ran on. An earlier bundle in the
   * folder is replaced. Read it with `readEvidence()` or `replay()`.
   *
   * @throws {INVALID_OPTION} a wrong option, a folder that another recording has, or a stopped worker.
   * @throws {EVIDENCE_FAILED} the folder cannot be made or written.
   * @example const recording = await worker.recordTo("evidence/long-prompt", { when: "failure", redact: true });
   */
  recordTo(folder: string, options: RecordOptions = {}): Promise<Recording> {
    return this.#recordings.begin(folder, options);
  }

  /** `POST /shutdown`: asks the worker to end by itself; {@link waitForExit} waits for it. */
  async shutdown(options?: CallOptions): Promise<void> {
    this.#process?.expectExit();
    await this.#explainDeath(this.#client.shutdown(options));
  }

  /**
   * Sends a signal to the worker process alone, not to its group; its end is then expected. Without effect on one that has ended.
   *
   * @throws {INVALID_OPTION} attached, or no signal.
   */
  kill(signal: NodeJS.Signals): void {
    this.#requireProcess("kill()").kill(signal);
  }

  /**
   * Stops the worker process (SIGSTOP) as a machine that hangs would: connections stay open, nothing answers. Its children continue.
   * Without effect on one that has ended; {@link stop} continues it.
   *
   * @throws {INVALID_OPTION} attached.
   */
  pause(options: PauseOptions = {}): void {
    const { forMs } = resolveOptions(PAUSE_OPTIONS, options);
    this.#requireProcess("pause()").pause(forMs);
  }

  /** Continues a paused worker; without effect on one that runs. */
  resume(): void {
    this.#requireProcess("resume()").resume();
  }

  /**
   * Ends what is left of the process, starts the same program with the same options, worker id and port, and waits until it can
   * serve. If the old process had crashed, or fails while it shuts down, the restart continues and {@link stop} throws `PROCESS_DIED`,
   * unless the end was expected: after `kill()`, `shutdown()`, `waitForExit()` or a fault that ends the process. Armed faults of the stub are gone with the process, those of the start are armed again; `kill` and `pause` stay armed.
   * The environment variable INFERENCE_TESTKIT_START tells the program which start it is, from 1.
   *
   * @returns how long the new start took, in ms.
   * @throws {INVALID_OPTION} attached, stopped, or a program that chooses its port itself.
   * @throws {PROCESS_DIED} {READY_TIMEOUT} {WRONG_IDENTITY} {PORT_UNAVAILABLE} as the first start; no process is left then.
   * @example
   * worker.kill("SIGKILL");
   * await worker.restart();
   */
  async restart(options: RestartOptions = {}): Promise<number> {
    const lifecycle = this.#requireProcess("restart()");
    if (this.#stopped !== undefined) {
      throw new InvalidOptionError({
        message: "Expected a worker that was not stopped for `restart()`, got a stopped one",
      });
    }
    const worker = await lifecycle.restart(options, {
      before: () => this.#faults.beforeStop(),
      causedExit: () => this.#faults.causedExit,
      between: (startCount) => this.#faults.archive(startCount),
    });
    this.#faults.attachTo(worker);
    return worker.readyAfterMs;
  }

  /**
   * Waits until the worker process ends by itself; that end is then expected.
   *
   * @throws {INVALID_OPTION} attached. @throws {EXIT_TIMEOUT} still alive.
   */
  async waitForExit(options: ExitWaitOptions = {}): Promise<ExitInfo> {
    const { timeoutMs } = resolveOptions(EXIT_WAIT_OPTIONS, options);
    return this.#requireProcess("waitForExit()").waitForExit(timeoutMs);
  }

  /**
   * Stops the worker and everything it started: SIGTERM, after the grace SIGKILL to the whole group; verifies that nothing is
   * left. Idempotent; a test that leaves the scope of `await using` need not call it. Resolves with what was done,
   * `undefined` when attached.
   *
   * Two failures at once come in an `AggregateError`, in this order.
   *
   * @throws {STOP_FAILED} a process outlived SIGKILL.
   * @throws {PROCESS_DIED} the worker had ended before by itself, with an error and unexpectedly, or failed while it shut
   * down: an exit code other than 0, 143 and `shutdownExitCodes`, or a crash. The same holds for a process that {@link restart} replaced.
   * @throws {FAULT_NEVER_FIRED} a fault was armed, without `optional`, and never happened.
   * @throws {EVIDENCE_FAILED} a bundle of `recordTo()` could not be written.
   */
  stop(): Promise<StopReport | undefined> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #stop(): Promise<StopReport | undefined> {
    const lifecycle = this.#process;
    this.#recordings.close();
    await lifecycle?.endRestarts();
    await nextTurn(); // an end that the event loop has not told yet
    lifecycle?.resume(); // a stopped process could not answer the last question
    await this.#faults.beforeStop();
    const [stopped] = await Promise.allSettled([lifecycle?.stop(), this.#client.close()]);
    if (this.#faults.causedExit) lifecycle?.expectExit();
    const report = stopped.status === "fulfilled" ? stopped.value : undefined;
    const failures = [
      stopped.status === "rejected" ? (stopped.reason as Error) : undefined,
      ...(lifecycle?.findBadEnds(report) ?? []),
      await this.#faults.finish(),
    ].filter((failure) => failure !== undefined);
    failures.push(...(await this.#recordings.finish({ report, failures: [...failures] })));
    throwAll(failures);
    return report;
  }

  async #explainDeath<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      throw await explainDeath(error, this.#process?.current);
    }
  }

  #requireProcess(what: string): WorkerLifecycle {
    if (this.#process !== undefined) return this.#process;
    throw new InvalidOptionError({
      message: `Expected a worker that was started here for \`${what}\`, got an attached one`,
      hint: "Use start(), startMock() or launch() when the test needs the process.",
    });
  }
}

/** Several failures at once: the first one leads. */
function throwAll(failures: readonly Error[]): void {
  const [first] = failures;
  if (first === undefined) return;
  throw failures.length === 1 ? first : new AggregateError(failures, first.message);
}
