import type { FaultHit, FaultId, FaultIdOf, FaultLedger } from "worker-orcd-control";
import type { WatchedRequest } from "../../client/index.js";
import { StreamFaults, type ProcessFaultHit } from "./stream-faults.js";

/** Actions on a worker process. Each method returns whether it was done, which is false once the process has ended. */
export interface ProcessControl {
  /** The end of the process is expected from then on. */
  kill(signal: NodeJS.Signals): boolean;
  /** @param forMs resumes after this time; without it, only by a call. */
  pause(forMs: number | undefined): boolean;
}

type ProcessFaultId = FaultIdOf<"harness">;
type Action<Id extends ProcessFaultId> = (control: ProcessControl, hit: FaultHit<Id>) => boolean;

const ACTIONS: { readonly [Id in ProcessFaultId]: Action<Id> } = {
  kill: (control, { fault }) => control.kill(fault.params.signal),
  pause: (control, { fault }) => control.pause(fault.params.forMs),
};
const IDS = Object.keys(ACTIONS) as ProcessFaultId[];

/** The process faults of one worker, triggered by the streams that are read here. */
export class ProcessFaults {
  readonly #ledger: FaultLedger;
  readonly #control: ProcessControl;
  readonly #open = new Set<StreamFaults>();

  constructor(ledger: FaultLedger, control: ProcessControl) {
    this.#ledger = ledger;
    this.#control = control;
  }

  provides(id: FaultId | undefined): boolean {
    return (IDS as readonly (FaultId | undefined)[]).includes(id);
  }

  /** Chooses the faults for one execute request. */
  watch({ jobId, path, dialect, request }: WatchedRequest): StreamFaults | undefined {
    const hits = this.#ledger.choose(IDS, { jobId, path, isJob: true });
    if (hits.length === 0) return undefined;
    const { framing } = dialect.capabilities;
    const decoder = dialect.createDecoder({ jobId: undefined, request });
    const watch = new StreamFaults(hits, {
      framing,
      decoder,
      apply: (hit) => this.#apply(hit),
      onOver: () => this.#open.delete(watch),
    });
    this.#open.add(watch);
    return watch;
  }

  /** The process is about to be stopped: pending faults will not happen. */
  close(): void {
    for (const watch of this.#open) watch.onStop();
  }

  #apply(hit: ProcessFaultHit): void {
    const act = ACTIONS[hit.fault.id] as Action<ProcessFaultId>;
    if (act(this.#control, hit)) hit.fire();
    else hit.bypass("the worker had already ended");
  }
}
