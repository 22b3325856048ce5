import type { Health } from "inference-worker-protocol";
import type { FaultLedger } from "worker-orcd-control";
import { HEALTH_FAULTS } from "./fault-groups.js";

/** Changes the answers of `GET /health`. */
export class HealthFaults {
  readonly #ledger: FaultLedger;
  /** Whether the last answer that a flapping worker gave was a healthy one. */
  readonly #wasHealthy = new Map<string, boolean>();

  constructor(ledger: FaultLedger) {
    this.#ledger = ledger;
  }

  /** The answer as it is given; none when it hangs. */
  revise(health: Health): Health | undefined {
    let revised: Health | undefined = health;
    for (const { key, fault, fire, bypass } of this.#ledger.choose(HEALTH_FAULTS, {})) {
      if (fault.id === "flaps" && this.#isHealthyTurn(key)) {
        bypass("it was the turn of a healthy answer");
        continue;
      }
      fire();
      if (fault.id === "hangs") revised = undefined;
      else if (fault.id === "flaps") revised &&= { ...revised, status: "unhealthy" };
      else revised &&= { ...revised, worker_id: `not-${revised.worker_id}` };
    }
    return revised;
  }

  #isHealthyTurn(key: string): boolean {
    const healthy = !(this.#wasHealthy.get(key) ?? false);
    this.#wasHealthy.set(key, healthy);
    return healthy;
  }
}
