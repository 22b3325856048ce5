import { FaultLedger, type FaultAccount, type ResolvedFault } from "worker-orcd-control";
import type { LaunchedWorker, LogLine } from "../launch/index.js";
import type { ControlClient } from "./control-client.js";

/** What the books of one worker process are kept from. */
export interface StubBooksParts {
  /** `undefined` without a control listener: nothing can be known then. */
  readonly control: ControlClient | undefined;
  readonly worker: LaunchedWorker;
  /** The faults that the process was started with. */
  readonly startFaults: readonly ResolvedFault[];
  /** Told when the log says that a fault happened. */
  readonly onFired: (key: string) => void;
}

/**
 * The faults of the stub in one worker process: what its control listener says, and, because a process that ends by a fault cannot
 * be asked any more, the `fault_fired` lines of its log.
 */
export class StubBooks {
  readonly control: ControlClient | undefined;
  readonly #worker: LaunchedWorker;
  readonly #onFired: (key: string) => void;
  /** Keys are given by a rule, so those of the start are known without asking. */
  readonly #mirror = new FaultLedger(0);
  readonly #startKeys: ReadonlySet<string>;
  readonly #firedLines = new Map<string, number>();
  #answer: readonly FaultAccount[] = [];

  constructor({ control, worker, startFaults, onFired }: StubBooksParts) {
    this.#onFired = onFired;
    this.control = control;
    this.#worker = worker;
    this.#startKeys = new Set(control === undefined ? [] : this.#mirror.arm(startFaults));
    for (const line of worker.logs.lines) this.#read(line);
    worker.logs.onLine((line) => this.#read(line));
  }

  /** Whether there is anything to ask for. */
  get isEmpty(): boolean {
    return this.control === undefined || this.accounts().length === 0;
  }

  /** Whether nobody is there any more who could be asked. */
  get hasEnded(): boolean {
    return this.#worker.exitInfo !== undefined;
  }

  /** Takes note of faults that the listener has armed. */
  note(faults: readonly ResolvedFault[]): void {
    this.#mirror.arm(faults);
  }

  isOfStart(key: string): boolean {
    return this.#startKeys.has(key);
  }

  /** Whether the process said that a fault with this id happened. */
  saysFired(id: string): boolean {
    return [...this.#firedLines.keys()].some((key) => key.startsWith(`${id}#`));
  }

  /** Asks the control listener. */
  async refresh(timeoutMs?: number): Promise<void> {
    if (this.control !== undefined) this.#answer = await this.control.accounts(timeoutMs);
  }

  /** What is known: the last answer, and what the log has said since. */
  accounts(): FaultAccount[] {
    const answered = new Set(this.#answer.map(({ key }) => key));
    const unknown = this.#mirror.accounts().filter(({ key }) => !answered.has(key));
    return [...this.#answer, ...unknown].map((account) => this.#withLog(account));
  }

  #withLog(account: FaultAccount): FaultAccount {
    const fired = Math.max(account.fired, this.#firedLines.get(account.key) ?? 0);
    return { ...account, fired, matched: Math.max(account.matched, fired) };
  }

  #read({ stream, text }: LogLine): void {
    if (stream !== "stdout" || !text.includes('"fault_fired"')) return;
    const key = findFired(text);
    if (key === undefined) return;
    this.#firedLines.set(key, (this.#firedLines.get(key) ?? 0) + 1);
    this.#onFired(key);
  }
}

function findFired(text: string): string | undefined {
  try {
    const { event, fault } = JSON.parse(text) as { event?: unknown; fault?: unknown };
    return event === "fault_fired" && typeof fault === "string" ? fault : undefined;
  } catch {
    return undefined; // a line of another program that merely mentions it
  }
}
