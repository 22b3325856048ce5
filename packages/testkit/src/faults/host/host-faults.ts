import type { FaultLedger } from "worker-orcd-control";
import type { AvailableHostFault } from "./host-fault.js";

/** The host faults of one worker, and whether they were verified to be in force. */
export class HostFaults {
  readonly #faults = new Map<string, AvailableHostFault>();
  readonly #ledger: FaultLedger;

  constructor(ledger: FaultLedger, faults: readonly AvailableHostFault[]) {
    this.#ledger = ledger;
    const keys = ledger.arm(faults.map(({ fault }) => fault));
    keys.forEach((key, index) => this.#faults.set(key, faults[index] as AvailableHostFault));
  }

  /** Checks a process that has become ready. */
  verify(pid: number): void {
    const ids = [...this.#faults.values()].map(({ id }) => id);
    for (const hit of this.#ledger.choose(ids, {})) {
      const problem = this.#faults.get(hit.key)?.limit.findProblem(pid);
      if (problem === undefined) hit.fire();
      else hit.bypass(problem);
    }
  }

  /** The last process is gone. */
  async release(): Promise<void> {
    await Promise.all([...this.#faults.values()].map(async ({ limit }) => limit.release?.()));
  }
}
