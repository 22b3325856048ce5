import type { FaultAccount } from "worker-orcd-control";
import type { FaultSession } from "./fault-session.js";
import type { WorkerFaultSpec } from "./parse-specs.js";

let readSession: (faults: WorkerFaults) => FaultSession;

/**
 * The faults of one worker: armed, counted, and checked when it is stopped. Stub faults happen inside the worker. `kill` and `pause` act
 * on its process when a stream that this harness reads reaches their point.
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
   * Arms faults for new requests; running jobs are not affected. All or nothing: if one entry is invalid, none is armed.
   *
   * @returns one key per fault, in order, as in {@link accounts}.
   * @throws {INVALID_OPTION} an unknown id, an invalid parameter or point; a stub fault on a worker that is not in stub mode; `kill` or
   * `pause` on an attached worker; a fault that needs the start, a proxy or the host; a stopped worker.
   * @throws {PROCESS_DIED} the worker ended. @throws {CONNECT_FAILED} it no longer answers.
   */
  arm(faults: readonly WorkerFaultSpec[]): Promise<string[]> {
    return this.#session.arm(faults);
  }

  /**
   * Disarms the faults with these keys. Running jobs keep theirs, and the records are kept, including for the check in `stop()`.
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
   * The record of every fault: how often it was chosen for a request, fired, or was bypassed and why. Includes the faults of the start,
   * and those of processes before a `restart()`, whose keys end with `@` and the number of their start.
   *
   * @throws {CONNECT_FAILED} the worker is alive and does not answer.
   */
  accounts(): Promise<FaultAccount[]> {
    return this.#session.accounts();
  }
}

/** Operations on a worker's faults that are internal to the framework. */
export function faultSessionOf(faults: WorkerFaults): FaultSession {
  return readSession(faults);
}
