export { FaultProxy, type FaultProxyOptions } from "./proxy/fault-proxy.js";
export type { FaultHandle, ProxyFaultId, ProxyFaults } from "./proxy/proxy-faults.js";
export type { JournalEnding, ProxyJournal, ProxyJournalEntry } from "./proxy/proxy-journal.js";
export type { ProxyTarget } from "./proxy/target.js";
export type { FaultAccount, FaultMatch, FaultSpec, FaultTrigger, FaultWhen } from "worker-orcd-control";
export { assertRecovers, type Recovery, type RecoveryOptions } from "./assert-recovers.js";
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
} from "../injection/index.js";
