import type { FaultIdOf, FaultSpec } from "../faults/index.js";

/** How a mutant comes about. */
export type MutantMaking =
  /** Faults of the stub, armed from the start. */
  | { readonly kind: "stub"; readonly faults: readonly FaultSpec<FaultIdOf<"stub">>[] }
  /** Faults of a proxy in front of any server. */
  | { readonly kind: "wire"; readonly faults: readonly FaultSpec<FaultIdOf<"proxy">>[] }
  /** A change of the worker in stub mode, under the same id. */
  | { readonly kind: "worker" };

/** A server with one defect that a server of the field has had, or could have. */
export interface MutantDefinition {
  /** The defect, in one sentence. */
  readonly meaning: string;
  /** Ids of the conformance checks that must fail on it, wherever they apply. */
  readonly killedBy: readonly [string, ...string[]];
  /** Where a server had it. */
  readonly seen?: string | undefined;
  readonly making: MutantMaking;
}
