import type { FaultAccount, JournalAnswer, ResolvedFault, StubConfigInput } from "worker-orcd-control";
import type { StreamWatch } from "../client/index.js";
import { InvalidOptionError, isTestkitError, type AssertionFailedError } from "../errors/index.js";
import { explainDeath, type LaunchedWorker } from "../launch/index.js";
import { findNeverFired } from "./accounting.js";
import { checkKeys, createStopped } from "./check-keys.js";
import { ControlClient } from "./control-client.js";
import { HostFaults, type AvailableHostFault } from "./host/index.js";
import { parseSpecs, type ParsedSpec, type WorkerFaultSpec } from "./parse-specs.js";
import { ProcessFaults, type ProcessControl } from "./process-faults.js";
import { StubBooks } from "./stub-books.js";

/** A worker that hangs must not hold its own tear-down. */
const LAST_QUESTION_MS = 500;

/** What the faults of a worker need to know of it. */
export interface WorkerFaultsParts {
  /** `undefined` for a worker that was attached: it has no process here. */
  readonly process: ProcessControl | undefined;
  /** Faults of the stub that it was started with. */
  readonly startFaults: readonly ResolvedFault[];
  readonly hostFaults: readonly AvailableHostFault[];
}

/** The books of a process that was replaced. */
interface EarlierAccount {
  readonly account: FaultAccount;
  /** The key under which every process of this worker has this fault: it was started with it. */
  readonly startKey: string | undefined;
}

/**
 * The faults of one worker: armed, counted, and checked when it is stopped. Those of the stub engine happen inside of the worker,
 * `kill` and `pause` are done to its process when a stream that this harness reads comes to their point.
 *
 * @example
 * await worker.faults.arm([
 *   { id: "vram-oom", at: { afterTokens: 5 }, when: { nth: 1 } },
 *   { id: "kill", at: { afterTokens: 3 }, match: { jobId: "job-2" } },
 * ]);
 */
export class WorkerFaults {
  readonly #parts: WorkerFaultsParts;
  readonly #onFired = (key: string): void => {
    if (!this.#firedAtMs.has(key)) this.#firedAtMs.set(key, performance.now());
    for (const listener of this.#firedListeners) listener();
  };
  readonly #process: ProcessFaults | undefined;
  readonly #host: HostFaults;
  /** Of the processes that were replaced. */
  #earlier: EarlierAccount[] = [];
  readonly #firedAtMs = new Map<string, number>();
  readonly #firedListeners = new Set<() => void>();
  /** Another error has said that they never fired. */
  readonly #reported = new Set<string>();
  #books: StubBooks | undefined;
  #worker: LaunchedWorker | undefined;
  #isFinished = false;

  constructor(parts: WorkerFaultsParts) {
    this.#parts = parts;
    this.#process = parts.process && new ProcessFaults(parts.process, this.#onFired);
    this.#host = new HostFaults(parts.hostFaults);
  }

  /**
   * Arms faults for the requests from now on; running jobs are left alone. All or nothing: one wrong entry and none is armed.
   *
   * @returns one key for each, in their order, as in {@link accounts}.
   * @throws {INVALID_OPTION} an unknown id, a wrong parameter or point; a fault of the stub on a worker that is not in stub mode;
   * `kill` or `pause` on one that was attached; a fault that belongs to the start, to a proxy or to the host.
   * @throws {INVALID_OPTION} the worker was stopped: nobody would look at the books any more.
   * @throws {PROCESS_DIED} the worker ended. @throws {CONNECT_FAILED} it does not answer any more.
   */
  async arm(faults: readonly WorkerFaultSpec[]): Promise<string[]> {
    if (this.#isFinished) throw createStopped("a worker");
    const parsed = parseSpecs(faults);
    for (const each of parsed) this.#checkProvider(each);
    const ofStub = parsed.filter(({ provider }) => provider === "stub");
    const ofProcess = parsed.filter(({ provider }) => provider === "harness");
    const stubKeys = ofStub.length === 0 ? [] : await this.#armStub(ofStub);
    const processKeys = this.#process?.arm(ofProcess.map(({ fault }) => fault)) ?? [];
    return parsed.map(({ provider }) => (provider === "stub" ? stubKeys : processKeys).shift() as string);
  }

  /**
   * Disarms the faults with these keys, or all. Their books stay, also for the check at the end.
   *
   * @throws {INVALID_OPTION} a key that no fault ever had. @throws {CONNECT_FAILED} the worker is alive and does not answer.
   */
  async disarm(keys?: readonly string[]): Promise<void> {
    if (keys !== undefined) checkKeys(keys, this.#knownKeys());
    this.#process?.disarm(keys);
    const books = this.#books;
    if (books?.control === undefined || books.hasEnded) return;
    const own = new Set(books.accounts().map(({ key }) => key));
    const chosen = keys === undefined ? [undefined] : keys.filter((key) => own.has(key));
    try {
      for (const key of chosen) await this.#askControl("faults.disarm()", (control) => control.disarm(key));
    } catch (error) {
      if (!isTestkitError(error, "PROCESS_DIED")) throw error; // its faults are gone with it
    }
  }

  /**
   * The books of every fault: how often it was meant for a request, happened, or was bypassed and why. Also those of the start,
   * and of processes before a `restart()`, whose keys end with `@` and the number of their start.
   *
   * @throws {CONNECT_FAILED} the worker is alive and does not answer.
   */
  async accounts(): Promise<FaultAccount[]> {
    await this.#refresh(undefined);
    return this.lastAccounts();
  }

  /** @internal The same as far as it is known already. */
  lastAccounts(): FaultAccount[] {
    return [...this.#earlier.map(({ account }) => account), ...this.#current()];
  }

  /**
   * @internal The books of one fault. Those of `kill` and `pause` are kept here, because a worker that stands still cannot be asked for
   * any others.
   */
  async accountOf(key: string): Promise<FaultAccount | undefined> {
    const own = this.#process?.accounts().find((account) => account.key === key);
    return own ?? (await this.accounts()).find((account) => account.key === key);
  }

  /** @internal When a fault first happened, on the clock of `performance.now()`, as far as this process was told. */
  firedAtMs(key: string): number | undefined {
    return this.#firedAtMs.get(key);
  }

  /** @internal Calls back after every fault that happened; gives back how to end that. */
  onFired(listener: () => void): () => void {
    this.#firedListeners.add(listener);
    return () => void this.#firedListeners.delete(listener);
  }

  /** @internal The check at the end leaves this fault out: an error has said already that it never fired. */
  excuse(key: string): void {
    this.#reported.add(key);
  }

  /** @internal Sets what the stub does. */
  async configure(config: StubConfigInput): Promise<void> {
    await this.#askControl("stub.configure()", (control) => control.configure(config));
  }

  /** @internal What was really sent. */
  async journal(jobId?: string): Promise<JournalAnswer> {
    return await this.#askControl("journal()", (control) => control.journal(jobId));
  }

  /** @internal Chooses process faults for one execute request. */
  watch(jobId: string | undefined): StreamWatch | undefined {
    return this.#process?.watch(jobId);
  }

  /** @internal A process has become ready. */
  attachTo(worker: LaunchedWorker): void {
    this.#worker = worker;
    const url = worker.readyLine?.control_url;
    const control = url === undefined ? undefined : new ControlClient(url);
    this.#books = new StubBooks({ control, worker, startFaults: this.#parts.startFaults, onFired: this.#onFired });
    this.#host.verify(worker.pid);
  }

  /** @internal The process is about to be stopped, or has ended: a last question, if it can still answer. Never throws. */
  async beforeStop(): Promise<void> {
    this.#process?.close();
    await this.#refresh(LAST_QUESTION_MS).catch(() => undefined); // its log has to do then
    await this.#books?.control?.close();
  }

  /** @internal The process is gone, another one will follow. */
  archive(startCount: number): void {
    const books = this.#books;
    this.#books = undefined;
    if (books === undefined) return;
    for (const account of books.accounts()) {
      const startKey = books.isOfStart(account.key) ? account.key : undefined;
      this.#earlier.push({ account: { ...account, key: `${account.key}@${startCount}` }, startKey });
    }
  }

  /** @internal Whether the process ended by a fault of the stub. */
  get causedExit(): boolean {
    return this.#books?.saysFired("exit") === true;
  }

  /** @internal After the stop: gives the host back what it lent, and says which faults never fired. */
  async finish(): Promise<AssertionFailedError | undefined> {
    this.#isFinished = true;
    await this.#host.release();
    return findNeverFired(this.#judged(), "the worker");
  }

  /** What counts in the end: a fault of the start that fired in one of the processes has fired. */
  #judged(): FaultAccount[] {
    const firedAtStart = new Set(
      this.#earlier.flatMap(({ account, startKey }) => (account.fired > 0 && startKey !== undefined ? [startKey] : [])),
    );
    const earlier = this.#earlier.filter(({ account, startKey }) => startKey === undefined || account.fired > 0);
    const current = this.#current().filter(({ key }) => !firedAtStart.has(key));
    const judged = [...earlier.map(({ account }) => account), ...current];
    // A worker that became ready did not crash at this start; the starts that failed have said so themselves.
    return judged.filter(({ id, key }) => id !== "crash-on-start" && !this.#reported.has(key));
  }

  /** Also those of processes that were replaced, under the keys that `arm()` gave. */
  #knownKeys(): string[] {
    const earlier = this.#earlier.map(({ account }) => account.key.replace(/@\d+$/, ""));
    return [...earlier, ...this.#current().map(({ key }) => key)];
  }

  async #refresh(timeoutMs: number | undefined): Promise<void> {
    const books = this.#books;
    if (books === undefined || books.isEmpty) return;
    try {
      if (!books.hasEnded) await books.refresh(timeoutMs);
    } catch (error) {
      const reason = await explainDeath(error, this.#worker);
      if (!isTestkitError(reason, "PROCESS_DIED")) throw reason;
    }
    await this.#worker?.drainIfEnded();
  }

  #current(): FaultAccount[] {
    const process = this.#process?.accounts() ?? [];
    return [...(this.#books?.accounts() ?? []), ...process, ...this.#host.accounts()];
  }

  async #armStub(parsed: readonly ParsedSpec[]): Promise<string[]> {
    const keys = await this.#askControl("faults.arm()", (control) => control.arm(parsed.map(({ spec }) => spec)));
    this.#books?.note(parsed.map(({ fault }) => fault));
    return [...keys];
  }

  #checkProvider({ provider, fault: { id } }: ParsedSpec): void {
    if (provider === "stub") this.#requireControl(`faults.arm()\` of \`${id}`);
    if (provider !== "harness" || this.#process !== undefined) return;
    throw new InvalidOptionError({
      message: `Expected a worker that was started here for the fault \`${id}\`, got an attached one`,
      hint: "Use start(), startMock() or launch() when the test needs the process.",
    });
  }

  /** @throws {PROCESS_DIED} the worker ended. */
  async #askControl<T>(what: string, ask: (control: ControlClient) => Promise<T>): Promise<T> {
    try {
      return await ask(this.#requireControl(what));
    } catch (error) {
      throw await explainDeath(error, this.#worker);
    }
  }

  #requireControl(what: string): ControlClient {
    const control = this.#books?.control;
    if (control !== undefined) return control;
    throw new InvalidOptionError({
      message: `Expected a worker in stub mode for \`${what}\`, got one without a control listener`,
      hint:
        "Faults of payload, engine and health live in the stub: use startMock(). For any other worker, FaultProxy breaks " +
        "the connection, the headers and the stream in front of it, and `kill` and `pause` work on every launched program.",
    });
  }
}
