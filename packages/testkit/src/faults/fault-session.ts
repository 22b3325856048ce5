import {
  FaultLedger,
  type FaultAccount,
  type JournalAnswer,
  type ResolvedFault,
  type StubConfigInput,
} from "worker-orcd-control";
import type { StreamWatch, WatchedRequest } from "../client/index.js";
import { InvalidOptionError, isTestkitError, type AssertionFailedError } from "../errors/index.js";
import type { LaunchedWorker } from "../launch/index.js";
import { checkKeys, createStopped } from "./check-keys.js";
import { FiredTimes } from "./fired-times.js";
import type { AvailableHostFault } from "./host/host-fault.js";
import { HostFaults } from "./host/host-faults.js";
import { findNeverFired, selectJudged } from "./never-fired.js";
import { parseSpecs, type ParsedSpec, type WorkerFaultSpec } from "./parse-specs.js";
import { ProcessFaults, type ProcessControl } from "./process/process-faults.js";
import { createNoStub, StubFaults } from "./worker/stub-faults.js";

/** A hanging worker must not delay its own teardown. */
const LAST_REFRESH_MS = 500;
/** Probabilities of process faults depend only on the job; stub faults draw theirs in the worker. */
const SEED = 0;

/** What fault injection needs to know about a worker. */
export interface FaultSessionParts {
  /** `undefined` for an attached worker, whose process is not ours. */
  readonly process: ProcessControl | undefined;
  /** The stub faults it was started with. */
  readonly startFaults: readonly ResolvedFault[];
  readonly hostFaults: readonly AvailableHostFault[];
  /** Returns the signal that fires shortly before the limit of the test passes. */
  readonly deadline?: (() => AbortSignal | undefined) | undefined;
}

/** The faults of one worker across all its processes: one ledger for the three places where faults happen. */
export class FaultSession {
  readonly #parts: FaultSessionParts;
  readonly #fired = new FiredTimes();
  readonly #ledger = new FaultLedger(SEED, (key) => this.#fired.note(key));
  readonly #process: ProcessFaults | undefined;
  readonly #host: HostFaults;
  /** Keys of faults that a process was started with. */
  readonly #startKeys = new Set<string>();
  /** Another error has already reported that these never fired. */
  readonly #excused = new Set<string>();
  #stub: StubFaults | undefined;
  #worker: LaunchedWorker | undefined;
  #isFinished = false;
  #isConfigured = false;

  constructor(parts: FaultSessionParts) {
    this.#parts = parts;
    this.#process = parts.process && new ProcessFaults(this.#ledger, parts.process);
    this.#host = new HostFaults(this.#ledger, parts.hostFaults);
  }

  async arm(faults: readonly WorkerFaultSpec[]): Promise<string[]> {
    if (this.#isFinished) throw createStopped("a worker");
    const parsed = parseSpecs(faults);
    for (const each of parsed) this.#checkProvider(each);
    const ofStub = parsed.filter(({ provider }) => provider === "stub").map(({ spec }) => spec);
    const stubKeys = ofStub.length === 0 ? [] : [...((await this.#stub?.arm(ofStub)) ?? [])];
    return this.#ledger.arm(
      parsed.map(({ fault }) => fault),
      parsed.map(({ provider }) => (provider === "stub" ? stubKeys.shift() : undefined)),
    );
  }

  async disarm(keys: readonly string[]): Promise<void> {
    checkKeys(
      keys,
      this.lastAccounts().map(({ key }) => key.replace(/@\d+$/, "")),
    );
    this.#ledger.disarm(keys);
    await this.#disarmStub(keys);
  }

  async clear(): Promise<void> {
    this.#ledger.disarm();
    await this.#disarmStub(undefined);
  }

  async accounts(): Promise<FaultAccount[]> {
    await this.#refresh(undefined);
    return this.lastAccounts();
  }

  /** The fault records as known here, without querying the worker. */
  lastAccounts(): FaultAccount[] {
    return this.#ledger.accounts();
  }

  /**
   * The record of one fault. For `kill` and `pause` the worker is not queried: a stopped process could not answer.
   */
  async accountOf(key: string): Promise<FaultAccount | undefined> {
    const known = this.lastAccounts().find((account) => account.key === key);
    if (this.#process?.provides(known?.id) === true) return known;
    return (await this.accounts()).find((account) => account.key === key);
  }

  /** When a fault first fired, on the clock of `performance.now()`. */
  firedAtMs(key: string): number | undefined {
    return this.#fired.atMs(key);
  }

  /** Calls back after every fault that fires, until the returned function is called. */
  onFired(listener: () => void): () => void {
    return this.#fired.listen(listener);
  }

  /** Excludes this fault from the check in `stop()`. */
  excuse(key: string): void {
    this.#excused.add(key);
  }

  /** Whether the configuration of the stub was changed after the start. */
  get isConfigured(): boolean {
    return this.#isConfigured;
  }

  /** Sets the stub's configuration. */
  async configure(config: StubConfigInput): Promise<void> {
    this.#isConfigured = true;
    await this.#requireStub("stub.configure()").ask("stub.configure()", (control) => control.configure(config));
  }

  /** What the stub sent. */
  async journal(jobId?: string): Promise<JournalAnswer> {
    return await this.#requireStub("journal()").ask("journal()", (control) => control.journal(jobId));
  }

  /** Chooses process faults for one execute request. */
  watch(request: WatchedRequest): StreamWatch | undefined {
    return this.#process?.watch(request);
  }

  /** A process has become ready. */
  attachTo(worker: LaunchedWorker): void {
    this.#worker = worker;
    const { startFaults, deadline } = this.#parts;
    this.#stub = new StubFaults({ worker, ledger: this.#ledger, startFaults, deadline });
    for (const key of this.#stub.startKeys) this.#startKeys.add(key);
    this.#host.verify(worker.pid);
  }

  /** The process is about to be stopped, or has ended: a last refresh, if it can still answer. Never throws. */
  async beforeStop(): Promise<void> {
    this.#process?.close();
    await this.#refresh(LAST_REFRESH_MS).catch(() => undefined); // then its log must suffice
    await this.#stub?.close();
  }

  /** The process is gone and will be replaced. */
  archive(startCount: number): void {
    const suffix = `@${startCount}`;
    this.#stub?.detach();
    this.#stub = undefined;
    for (const key of this.#ledger.retire("stub", suffix)) {
      this.#fired.forget(key);
      if (this.#excused.delete(key)) this.#excused.add(`${key}${suffix}`);
    }
  }

  /** Whether a stub fault ended the current process. */
  get causedExit(): boolean {
    return this.lastAccounts().some(({ id, key, fired }) => id === "exit" && fired > 0 && !key.includes("@"));
  }

  /** After the stop: releases host resources and reports the faults that never fired. */
  async finish(): Promise<AssertionFailedError | undefined> {
    this.#isFinished = true;
    await this.#host.release();
    const judged = selectJudged(this.lastAccounts(), this.#startKeys);
    return findNeverFired(
      judged.filter(({ key }) => !this.#excused.has(key)),
      "the worker",
    );
  }

  async #disarmStub(keys: readonly string[] | undefined): Promise<void> {
    try {
      await this.#stub?.disarm(keys);
    } catch (error) {
      if (!isTestkitError(error, "PROCESS_DIED")) throw error; // its faults ended with it
    }
  }

  async #refresh(timeoutMs: number | undefined): Promise<void> {
    try {
      await this.#stub?.refresh(timeoutMs);
    } catch (error) {
      if (!isTestkitError(error, "PROCESS_DIED")) throw error; // then its log must suffice
    }
    await this.#worker?.drainIfEnded();
  }

  #checkProvider({ provider, fault: { id } }: ParsedSpec): void {
    if (provider === "stub") this.#requireStub(`faults.arm()\` of \`${id}`);
    if (provider !== "harness" || this.#process !== undefined) return;
    throw new InvalidOptionError({
      message: `Expected a worker that was started here for the fault \`${id}\`, got an attached one`,
      hint: "Use start(), startMock() or launch() when the test needs the process.",
    });
  }

  #requireStub(what: string): StubFaults {
    if (this.#stub?.hasControl === true) return this.#stub;
    throw createNoStub(what);
  }
}
