import type { FaultLedger, ResolvedFault } from "worker-orcd-control";
import { InvalidOptionError } from "../../errors/index.js";
import { explainDeath, type LaunchedWorker, type LogLine } from "../../launch/index.js";
import { ControlClient } from "./control-client.js";

/** What the stub faults of one worker process need. */
export interface StubFaultsParts {
  readonly worker: LaunchedWorker;
  readonly ledger: FaultLedger;
  /** The stub faults that the process was started with. */
  readonly startFaults: readonly ResolvedFault[];
  readonly deadline?: (() => AbortSignal | undefined) | undefined;
}

/**
 * The stub faults of one worker process. The control listener arms them and reports their counts. Each fault also leaves a `fault_fired`
 * line in the log before it takes effect, because a process that ends by a fault can no longer report it.
 */
export class StubFaults {
  readonly #worker: LaunchedWorker;
  readonly #ledger: FaultLedger;
  readonly #control: ControlClient | undefined;
  readonly #keys = new Set<string>();
  /** The keys of the faults that the process was started with. Keys follow a rule, so they are known without a request. */
  readonly startKeys: readonly string[];
  #isDetached = false;

  constructor({ worker, ledger, startFaults, deadline }: StubFaultsParts) {
    this.#worker = worker;
    this.#ledger = ledger;
    const url = worker.revealControlUrl();
    this.#control = url === undefined ? undefined : new ControlClient(url, deadline);
    this.startKeys = this.#control === undefined ? [] : ledger.arm(startFaults);
    for (const key of this.startKeys) this.#keys.add(key);
    if (this.#control === undefined) return; // output of another program is not an announcement
    for (const line of worker.logs.lines) this.#readLine(line);
    worker.logs.onLine((line) => this.#readLine(line));
  }

  /** Arms faults, all or none. */
  async arm(specs: readonly unknown[]): Promise<readonly string[]> {
    const keys = await this.ask("faults.arm()", (control) => control.arm(specs));
    for (const key of keys) this.#keys.add(key);
    return keys;
  }

  /** Disarms these faults, or all. No effect on a process that has ended. @throws {CONNECT_FAILED} */
  async disarm(keys?: readonly string[]): Promise<void> {
    const chosen = keys === undefined ? [undefined] : keys.filter((key) => this.#keys.has(key));
    for (const key of chosen) if (this.#canAnswer) await this.ask("faults.disarm()", (control) => control.disarm(key));
  }

  /** Queries the control listener for its counts. No effect if no fault was armed or the process has ended. */
  async refresh(timeoutMs: number | undefined): Promise<void> {
    if (this.#keys.size === 0) return;
    if (this.#canAnswer) this.#ledger.report(await this.ask("faults", (control) => control.accounts(timeoutMs)));
  }

  /** @throws {PROCESS_DIED} the worker ended. @throws {INVALID_OPTION} it is not in stub mode. */
  async ask<T>(what: string, call: (control: ControlClient) => Promise<T>): Promise<T> {
    try {
      if (this.#control === undefined) throw createNoStub(what);
      return await call(this.#control);
    } catch (error) {
      throw await explainDeath(error, this.#worker);
    }
  }

  /** Whether the worker is in stub mode. */
  get hasControl(): boolean {
    return this.#control !== undefined;
  }

  async close(): Promise<void> {
    await this.#control?.close();
  }

  /** The process is gone and its keys may be reused, so the rest of its log no longer counts. */
  detach(): void {
    this.#isDetached = true;
  }

  get #canAnswer(): boolean {
    return this.#control !== undefined && this.#worker.exitInfo === undefined;
  }

  #readLine({ stream, text }: LogLine): void {
    if (this.#isDetached || stream !== "stdout" || !text.includes('"fault_fired"')) return;
    const key = findFired(text);
    if (key !== undefined) this.#ledger.announce(key);
  }
}

function findFired(text: string): string | undefined {
  try {
    const { event, fault } = JSON.parse(text) as { event?: unknown; fault?: unknown };
    return event === "fault_fired" && typeof fault === "string" ? fault : undefined;
  } catch {
    return undefined; // a line of another program that happens to contain the words
  }
}

/** The error for a call that only a worker in stub mode can answer. */
export function createNoStub(what: string): InvalidOptionError {
  return new InvalidOptionError({
    message: `Expected a worker in stub mode for \`${what}\`, got one without a control listener`,
    hint:
      "Faults of payload, engine and health are provided by the stub: use startMock(). In front of any other worker, a FaultProxy " +
      "breaks the connection, the headers and the stream. `kill` and `pause` work on every launched program.",
  });
}
