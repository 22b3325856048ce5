import { FaultLedger, type FaultAccount, type FaultIdOf, type ResolvedFault } from "worker-orcd-control";
import { StreamFaults, type ProcessFaultHit } from "./stream-faults.js";

/** What can be done to a worker process; each says whether it was done, which it is not once the process has ended. */
export interface ProcessControl {
  /** The end of the process is expected from then on. */
  kill(signal: NodeJS.Signals): boolean;
  /** @param forMs it goes on after so long; without it, when it is told to. */
  pause(forMs: number | undefined): boolean;
}

const IDS = ["kill", "pause"] as const satisfies readonly FaultIdOf<"harness">[];
/** The trigger's probabilities are the only draws, and depend on the job alone. */
const SEED = 0;

/** The process faults of one worker: armed here, triggered by the streams that are read here. */
export class ProcessFaults {
  readonly #ledger: FaultLedger;
  readonly #control: ProcessControl;
  readonly #open = new Set<StreamFaults>();

  /** @param onFired told when a fault happened. */
  constructor(control: ProcessControl, onFired: (key: string) => void) {
    this.#ledger = new FaultLedger(SEED, onFired);
    this.#control = control;
  }

  arm(faults: readonly ResolvedFault[]): string[] {
    return this.#ledger.arm(faults);
  }

  disarm(keys?: readonly string[]): void {
    this.#ledger.disarm(keys);
  }

  accounts(): FaultAccount[] {
    return this.#ledger.accounts();
  }

  /** Chooses the faults for one execute request. */
  watch(jobId: string | undefined): StreamFaults | undefined {
    const hits = this.#ledger.choose(IDS, { jobId, path: "/execute" });
    if (hits.length === 0) return undefined;
    const watch = new StreamFaults(hits, { apply: (hit) => this.#apply(hit), onOver: () => this.#open.delete(watch) });
    this.#open.add(watch);
    return watch;
  }

  /** The process is about to be stopped: what has not happened will not happen. */
  close(): void {
    for (const watch of this.#open) watch.onStop();
  }

  #apply(hit: ProcessFaultHit): void {
    const { fault } = hit;
    const done =
      fault.id === "kill" ? this.#control.kill(fault.params.signal) : this.#control.pause(fault.params.forMs);
    if (done) hit.fire();
    else hit.bypass("the worker had already ended");
  }
}
