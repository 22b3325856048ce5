export { FaultProxy, type FaultProxyOptions } from "./proxy/fault-proxy.js";
export type { FaultHandle, ProxyFaultId, ProxyFaults } from "./proxy/proxy-faults.js";
export type { JournalEnding, ProxyJournal, ProxyJournalEntry } from "./proxy/proxy-journal.js";
export type { ProxyTarget } from "./proxy/target.js";
export type { FaultAccount, FaultMatch, FaultSpec, FaultTrigger, FaultWhen } from "inference-worker-protocol";
