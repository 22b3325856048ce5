import type { Health } from "inference-worker-protocol";
import type { FaultHit, FaultIdOf, FaultLedger } from "worker-orcd-control";

type StubFaultId = FaultIdOf<"stub">;

/** Changes the response of `GET /health`; `undefined` for none. */
interface Override {
  readonly override: (health: Health) => Health | undefined;
  /**
   * Why the fault does not apply to this answer. @param turn number of answers it was chosen for
   * before.
   */
  readonly findBypass?: (turn: number) => string | undefined;
}

const OVERRIDES = {
  hangs: { override: () => undefined },
  flaps: {
    override: (health) => ({ ...health, status: "unhealthy" }),
    findBypass: (turn) => (turn % 2 === 0 ? "it was the turn of a healthy answer" : undefined),
  },
  "wrong-identity": { override: (health) => ({ ...health, worker_id: `not-${health.worker_id}` }) },
} as const satisfies { readonly [Id in StubFaultId]?: Override };

/** Faults of `GET /health` answers. (`lies` is a fault of jobs.) */
export const HEALTH_FAULTS = Object.keys(OVERRIDES) as (keyof typeof OVERRIDES)[];

/** Changes the answers of `GET /health`. */
export class HealthFaults {
  readonly #ledger: FaultLedger;
  readonly #turns = new Map<string, number>();

  constructor(ledger: FaultLedger) {
    this.#ledger = ledger;
  }

  /** The response to send; `undefined` for none. */
  override(health: Health): Health | undefined {
    let answer: Health | undefined = health;
    for (const hit of this.#ledger.choose(HEALTH_FAULTS, {})) {
      const { override, findBypass }: Override = OVERRIDES[hit.fault.id];
      const reason = findBypass?.(this.#nextTurn(hit));
      if (reason !== undefined) {
        hit.bypass(reason);
        continue;
      }
      hit.fire();
      answer &&= override(answer);
    }
    return answer;
  }

  #nextTurn({ key }: FaultHit): number {
    const turn = this.#turns.get(key) ?? 0;
    this.#turns.set(key, turn + 1);
    return turn;
  }
}
