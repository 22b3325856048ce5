import type { CancelAnswer, Health } from "inference-worker-protocol";
import type { JournalAnswer, StubConfigInput } from "worker-orcd-control";
import type { Dialect, Slots } from "../dialects/index.js";
import type {
  CallOptions,
  ExecuteBody,
  ExecuteOptions,
  ExecuteResponse,
  MetricsSnapshot,
  RawRequest,
  ServerHeaders,
  WorkerClient,
} from "../client/index.js";
import { raceDeadline } from "../deadline/index.js";
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
import { announceExplainer, findExplainer, type Finding, type FindingCode } from "../findings/index.js";
import { WorkerFaults, type FaultSession } from "../faults/index.js";
import { explainDeath, type ExitInfo, type PortOwner, type WorkerLogs } from "../launch/index.js";
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
import { stopHarness } from "./stop-harness.js";
import type { StopReport } from "./stop-report.js";
import { WorkerFindings } from "./worker-findings.js";
import type { WorkerLifecycle } from "./worker-lifecycle.js";

/** Changes the behavior of a running stub. */
export interface StubControl {
  /**
   * Replaces the stub's configuration for new jobs: content, timing, memory. `startupDelayMs`, `readyAfterMs` and `faults` apply only at
   * startup and are rejected.
   *
   * @throws {INVALID_OPTION} an unknown key or an invalid value, and then nothing is changed; or the worker is not in stub mode.
   * @example await worker.stub.configure({ timing: { itlMs: 20 } });
   */
  configure(config: StubConfigInput): Promise<void>;
}

/**
 * A worker under test: started or attached, verified to be the right one, and ready to serve. Leaving the scope always stops it and
 * everything it started.
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
  /** The dialect of the worker. */
  readonly dialect: Dialect;
  /** How it is known what the worker speaks: what `attach()` found out; undefined if the caller said it. */
  readonly recognizedBy: string | undefined;
  /** The program that serves, such as `vllm` or `llama-server`, where the answers showed it; undefined if the caller gave the dialect. */
  readonly server: string | undefined;
  /** The model that requests name, where the dialect has one. */
  readonly model: string | undefined;
  /** Findings that do not fail {@link stop}. */
  readonly allow: readonly FindingCode[];
  /** The identity that the worker reports. */
  readonly workerId: string;
  /** Arms faults and reports what happened to them. */
  readonly faults: WorkerFaults;
  /** The stub engine of a worker that was started with `startMock()`. */
  readonly stub: StubControl = { configure: (config) => this.#faults.configure(config) };
  readonly #recordings: Recordings;
  readonly #parts: HarnessParts;
  readonly #findings: WorkerFindings;
  #withdraw: (() => void) | undefined;
  readonly #afterStop: (() => Promise<void>)[] = [];
  #stopped: Promise<StopReport | undefined> | undefined;

  private constructor(parts: HarnessParts) {
    this.#parts = parts;
    this.#client = parts.client;
    this.#process = parts.process;
    this.dialect = parts.client.dialect;
    this.recognizedBy = parts.recognized?.because;
    this.server = parts.recognized?.server;
    this.model = parts.client.model;
    this.workerId = parts.workerId;
    this.allow = parts.allow;
    this.#faults = parts.faults;
    this.faults = new WorkerFaults(parts.faults);
    this.#recordings = new Recordings(parts);
    this.#findings = new WorkerFindings({
      name: parts.process === undefined ? `the worker at ${this.baseUrl}` : `worker ${parts.workerId}`,
      allow: parts.allow,
      mutants: parts.mutants ?? [],
      faultAccounts: () => parts.faults.lastAccounts(),
      deeds: () => parts.process?.deeds ?? [],
      elsewhere: parts.process === undefined ? findExplainer(this.baseUrl) : undefined,
    });
    if (parts.process !== undefined) this.#withdraw = announceExplainer(this.baseUrl, this.#findings.explainElsewhere);
    this.#findings.add(parts.noticed.list());
    this.#client.addWatcher(this.#findings.watch);
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
   * Starts the worker in stub mode, without a model or GPU, in about 100 ms. Ready within 10 s by default.
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

  /** @internal Attaches to a worker whose owner passes its log on. */
  static async attachWithLogs(url: string, options: AttachOptions, logs: WorkerLogs): Promise<WorkerTestHarness> {
    return new WorkerTestHarness(await attachWorker(url, options, logs));
  }

  /**
   * Attaches to a running worker; `stop()` only closes the connections. Without `dialect`, a few requests show what it speaks.
   *
   * @throws {CONNECT_FAILED} @throws {INVALID_OPTION} also a `model` that the server does not have.
   * @throws {INVALID_RESPONSE} no answer shows what the server speaks; the message lists them.
   * @example await using worker = await WorkerTestHarness.attach("http://127.0.0.1:8080/v1", { dialect: "openai-chat" });
   */
  static async attach(url: string, options: AttachOptions = {}): Promise<WorkerTestHarness> {
    return new WorkerTestHarness(await attachWorker(url, options));
  }

  /** @internal What pools, fixtures and golden transcripts need besides the public interface. */
  get internals() {
    const { process, faults, test } = this.#parts;
    /** Calls this when the worker is gone. */
    const afterStop = (action: () => Promise<void>) => void this.#afterStop.push(action);
    return { process, faults, test, recordings: this.#recordings, isStopped: this.#stopped !== undefined, afterStop };
  }

  get baseUrl(): string {
    return this.#client.baseUrl;
  }

  /**
   * What was noticed about the worker so far: that its answers contradict their requests, that it sent invalid bytes. What its end shows is
   * added by {@link stop}, whose report has them all.
   */
  get findings(): readonly Finding[] {
    return this.#findings.list();
  }

  /** What is sent with every request; a client of one's own can be given the same: `new WorkerClient({ baseUrl, headers: worker.headers })`. */
  get headers(): ServerHeaders {
    return this.#client.headers;
  }

  get port(): number {
    return Number(new URL(this.baseUrl).port);
  }

  /** Process id of the worker; it also names its process group. `undefined` when attached. */
  get pid(): number | undefined {
    return this.#process?.current.pid;
  }

  /** Time from the start of the program until it was ready, in ms. `undefined` when attached. */
  get readyAfterMs(): number | undefined {
    return this.#process?.current.readyAfterMs;
  }

  /**
   * Who listens on the polled port: `worker`, or `unverified` with the reason. `undefined` when it was not checked (see `checkPortOwner`)
   * or attached.
   */
  get portOwner(): PortOwner | undefined {
    return this.#process?.current.portOwner;
  }

  /** How the process ended, once it has. */
  get exitInfo(): ExitInfo | undefined {
    return this.#process?.current.exitInfo;
  }

  /**
   * The worker's stdout and stderr; after a `restart()`, those of the new process.
   *
   * @throws {INVALID_OPTION} for an attached worker, whose output is not available.
   */
  get logs(): WorkerLogs {
    return this.#parts.logs ?? this.#requireProcess("logs").current.logs;
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
   * Sends a request and disconnects at socket level after `tokens` tokens; see `disconnectAfter()`. Use `waitForIdle()` to wait for the
   * worker to notice.
   *
   * @throws {DISCONNECT_TOO_LATE} the stream ended first. @throws {INVALID_OPTION} @throws {HTTP_FAILED}
   * @example await worker.disconnectAfter(request, { tokens: 3, how: "reset" });
   */
  disconnectAfter(request: ExecuteBody, options: DisconnectAfterOptions): Promise<DisconnectResult> {
    return disconnectAfter(this, request, options);
  }

  /** Sends any other request and returns any answer. */
  request(path: string, options?: RawRequest): Promise<ExecuteResponse> {
    return this.#explainDeath(this.#client.request(path, options));
  }

  /** `GET /health`; the answer of an unhealthy worker is returned too. @throws {HTTP_FAILED} @throws {INVALID_RESPONSE} */
  health(options?: CallOptions): Promise<Health> {
    return this.#explainDeath(this.#client.health(options));
  }

  /** The `slots` of `GET /health`; its other fields are not checked. @throws {HTTP_FAILED} @throws {INVALID_RESPONSE} */
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
   * What a worker in stub mode sent and when, for the last jobs or for one. The times are comparable across processes on this machine.
   *
   * @throws {INVALID_OPTION} not in stub mode. @throws {CONNECT_FAILED}
   */
  journal(jobId?: string): Promise<JournalAnswer> {
    return this.#explainDeath(this.#faults.journal(jobId));
  }

  /**
   * Records all traffic of this harness from now on and writes it to the folder when the worker is stopped, however the test ends:
   * requests, events with their times, seeds, timings, the worker's log, verdicts, and the environment. An earlier bundle in the folder is
   * replaced. Read it with `readEvidence()` or `replay()`.
   *
   * @throws {INVALID_OPTION} an invalid option, a folder that another recording uses, or a stopped worker.
   * @throws {EVIDENCE_FAILED} the folder cannot be created or written.
   * @example const recording = await worker.recordTo("evidence/long-prompt", { when: "failure", redact: true });
   */
  recordTo(folder: string, options: RecordOptions = {}): Promise<Recording> {
    return this.#recordings.begin(folder, options);
  }

  /** `POST /shutdown`: asks the worker to shut itself down; wait for it with {@link waitForExit}. */
  async shutdown(options?: CallOptions): Promise<void> {
    this.#process?.expectExit();
    await this.#explainDeath(this.#client.shutdown(options));
  }

  /**
   * Sends a signal to the worker process only, not to its group; its end is then expected. No effect on a process that has ended.
   *
   * @throws {INVALID_OPTION} attached, or not a signal.
   */
  kill(signal: NodeJS.Signals): void {
    this.#requireProcess("kill()").kill(signal);
  }

  /**
   * Suspends the worker process (SIGSTOP), like a machine that hangs: connections stay open, nothing answers. Its children keep running. No
   * effect on a process that has ended; {@link stop} resumes it.
   *
   * @throws {INVALID_OPTION} attached.
   */
  pause(options: PauseOptions = {}): void {
    const { forMs } = resolveOptions(PAUSE_OPTIONS, options);
    this.#requireProcess("pause()").pause(forMs);
  }

  /** Resumes a paused worker; no effect on a running one. */
  resume(): void {
    this.#requireProcess("resume()").resume();
  }

  /**
   * Ends whatever is left of the process, starts the same program with the same options, worker id and port, and waits until it can serve.
   * If the old process crashed, or fails while shutting down, the restart continues and {@link stop} later throws `PROCESS_DIED`, unless
   * the end was expected: after `kill()`, `shutdown()`, `waitForExit()` or a fault that ends the process. Stub faults that were armed later
   * are lost with the process, those of the start are armed again; `kill` and `pause` stay armed. The environment variable
   * INFERENCE_TESTKIT_START has the number of the start, from 1.
   *
   * @returns how long the new start took, in ms.
   * @throws {INVALID_OPTION} attached, stopped, or a program that chooses its own port.
   * @throws {PROCESS_DIED} {READY_TIMEOUT} {WRONG_IDENTITY} {PORT_UNAVAILABLE} as for the first start; no process is left in that case.
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
    const worker = await lifecycle.restart(options, this.#parts.test.deadline, {
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
    const exit = this.#requireProcess("waitForExit()").waitForExit(timeoutMs);
    const wait = { waitingFor: "the end of the worker process", sinceMs: performance.now() };
    return raceDeadline(this.#parts.test.deadline, { ...wait, logTail: () => this.logs.tail() }, exit);
  }

  /**
   * Stops the worker and everything it started: SIGTERM to the whole group, SIGKILL after the grace period, then verifies that nothing is
   * left. Idempotent; not needed in a test that uses `await using`. Resolves with what was done, `undefined` when attached.
   *
   * Two failures at once are joined in an `AggregateError`, in this order.
   *
   * @throws {STOP_FAILED} a process outlived SIGKILL.
   * @throws {PROCESS_DIED} the worker had ended unexpectedly with an error before, or failed while shutting down: an exit code other than
   * 0, 143 and `shutdownExitCodes`, or a crash. The same applies to a process that {@link restart} replaced.
   * @throws {FINDINGS_NOT_ALLOWED} the worker misbehaved in a way that `allow` does not name and nothing that the test did explains.
   * @throws {FAULT_NEVER_FIRED} an armed fault that is not `optional` never fired.
   * @throws {EVIDENCE_FAILED} a bundle of `recordTo()` could not be written.
   */
  stop(): Promise<StopReport | undefined> {
    this.#withdraw?.();
    this.#stopped ??= stopHarness({
      client: this.#client,
      process: this.#process,
      faults: this.#faults,
      recordings: this.#recordings,
      findings: this.#findings,
    }).finally(() => Promise.all(this.#afterStop.map((action) => action())));
    return this.#stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
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
    const isOfRun = this.#parts.logs !== undefined;
    throw new InvalidOptionError({
      message: `Expected a worker that was started here for \`${what}\`, got ${isOfRun ? "one that all tests of the run share" : "an attached one"}`,
      hint: isOfRun
        ? 'Its process belongs to the owner of the run. Give the tests that need it another scope: `workerPool: { scope: "file" }` or "test".'
        : "Use start(), startMock() or launch() when the test needs the process.",
    });
  }
}
