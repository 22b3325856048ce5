import type { FaultAccount } from "worker-orcd-control";
import type { FaultSession } from "./fault-session.js";
import type { WorkerFaultSpec } from "./parse-specs.js";

let readSession: (faults: WorkerFaults) => FaultSession;

/**
 * The faults of one worker: armed, counted, and checked when it is stopped. Stub faults happen inside the worker. `kill` and `pause`
 * are done to its process when a stream that this harness reads reaches their point.
 *
 * @example
 * await worker.faults.arm([
 *   { id: "vram-oom", at: { afterTokens: 5 }, when: { nth: 1 } },
 *   { id: "kill", at: { afterTokens: 3 }, match: { jobId: "job-2" } },
 * ]);
 */
export class WorkerFaults {
  readonly #session: FaultSession;

  static {
    readSession = (faults) => faults.#session;
  }

  /** @internal */
  constructor(session: FaultSession) {
    this.#session = session;
  }

  /**
   * Arms faults for requests from now on; running jobs are not affected. All or nothing: if one entry is wrong, none is armed.
   *
   * @returns one key for each, in order, as in {@link accounts}.
   * @throws {INVALID_OPTION} an unknown id, a wrong parameter or point; a stub fault on a worker that is not in stub mode; `kill` or
   * `pause` on an attached worker; a fault that needs the start, a proxy or the host; a worker that was stopped.
   * @throws {PROCESS_DIED} the worker ended. @throws {CONNECT_FAILED} it no longer answers.
   */
  arm(faults: readonly WorkerFaultSpec[]): Promise<string[]> {
    return this.#session.arm(faults);
  }

  /**
   * Disarms the faults with these keys. Running jobs keep theirs, and the accounts stay, also for the check in `stop()`.
   *
   * @throws {INVALID_OPTION} a key that no fault ever had. @throws {CONNECT_FAILED} the worker is alive and does not answer.
   */
  disarm(keys: readonly string[]): Promise<void> {
    return this.#session.disarm(keys);
  }

  /** Disarms every fault; see {@link disarm}. @throws {CONNECT_FAILED} the worker is alive and does not answer. */
  clear(): Promise<void> {
    return this.#session.clear();
  }

  /**
   * The ledger of every fault: how often it was chosen for a request, happened, or was bypassed and why. It includes faults of the start,
   * and of processes before a `restart()`, whose keys end with `@` and the number of their start.
   *
   * @throws {CONNECT_FAILED} the worker is alive and does not answer.
   */
  accounts(): Promise<FaultAccount[]> {
    return this.#session.accounts();
  }
}

/** What only the framework may do with the faults of a worker. */
export function faultSessionOf(faults: WorkerFaults): FaultSession {
  return readSession(faults);
}
