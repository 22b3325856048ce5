import type { FaultDefinition } from "./define-fault.js";
import { CONNECTION_FAULTS, HEADER_FAULTS } from "./network-faults.js";
import { HOST_FAULTS, PROCESS_FAULTS } from "./process-faults.js";
import { FRAMING_FAULTS, TRANSPORT_FAULTS } from "./stream-faults.js";
import { ENGINE_FAULTS, HEALTH_FAULTS, PAYLOAD_FAULTS } from "./stub-faults.js";

/** Every fault that can be injected, by id. `docs/faults.md` is generated from this table. */
export const FAULTS = {
  ...CONNECTION_FAULTS,
  ...HEADER_FAULTS,
  ...TRANSPORT_FAULTS,
  ...FRAMING_FAULTS,
  ...PAYLOAD_FAULTS,
  ...ENGINE_FAULTS,
  ...HEALTH_FAULTS,
  ...PROCESS_FAULTS,
  ...HOST_FAULTS,
} as const;

export type FaultId = keyof typeof FAULTS;

/** The ids in catalogue order. */
export const FAULT_IDS = Object.keys(FAULTS) as readonly FaultId[];

export function isFaultId(id: string): id is FaultId {
  return Object.hasOwn(FAULTS, id);
}

/** The definition of a fault with any parameters. */
export function definitionOf(id: FaultId): FaultDefinition {
  return FAULTS[id];
}
