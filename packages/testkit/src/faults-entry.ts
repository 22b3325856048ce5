/** The entry point `inference-testkit/faults`: all that breaks a worker on purpose. */
export type { FaultAccount, FaultMatch, FaultSpec, FaultTrigger, FaultWhen } from "worker-orcd-control";
export {
  FaultProxy,
  type FaultProxyOptions,
  type JournalEnding,
  type ProxyFaultId,
  type ProxyFaults,
  type ProxyJournal,
  type ProxyJournalEntry,
  type ProxyTarget,
} from "./fault-proxy/index.js";
export {
  findUnfired,
  hostFault,
  type AvailableHostFault,
  type HostFault,
  type HostFaultId,
  type HostFaultParams,
  type MissingHostFault,
  type WorkerFaultId,
  type WorkerFaultSpec,
} from "./faults/index.js";
export { assertRecovers, type Recovery, type RecoveryOptions } from "./recovery/index.js";
