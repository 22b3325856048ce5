export { FaultProxy, type FaultProxyOptions } from "./fault-proxy.js";
export type { ProxyFaultId, ProxyFaults } from "./proxy-faults.js";
export type { JournalEnding, ProxyJournal, ProxyJournalEntry } from "./proxy-journal.js";
export type { ProxyTarget } from "./target.js";
