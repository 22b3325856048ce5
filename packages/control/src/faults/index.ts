export { definitionOf, FAULT_IDS, FAULTS, type FaultId } from "./catalogue.js";
export {
  FAULT_GROUPS,
  type FaultDefinition,
  type FaultGroup,
  type FaultPoint,
  type FaultProvider,
} from "./define-fault.js";
export {
  FaultLedger,
  type FaultAccount,
  type FaultHit,
  type FaultListener,
  type FaultOpportunity,
} from "./fault-ledger.js";
export {
  parseFaults,
  type FaultIdOf,
  type FaultMatch,
  type FaultSpec,
  type FaultTrigger,
  type FaultWhen,
  type ResolvedFault,
} from "./fault-spec.js";
