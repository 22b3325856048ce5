export { definitionOf, FAULT_IDS, FAULTS, isFaultId, type FaultId } from "./catalogue.js";
export {
  FAULT_GROUPS,
  type FaultDefinition,
  type FaultGroup,
  type FaultPoint,
  type FaultProvider,
} from "./define-fault.js";
export { FaultLedger, type FaultAccount, type FaultHit, type FaultListener } from "./fault-ledger.js";
export type { FaultOpportunity } from "./fault-trigger.js";
export {
  parseFaults,
  type FaultIdOf,
  type FaultMatch,
  type FaultSpec,
  type FaultTrigger,
  type FaultWhen,
  type ResolvedFault,
} from "./fault-spec.js";
