export { FaultProxy, type FaultProxyOptions } from "./fault-proxy.js";
export type { ProxyFaultId } from "./proxy-faults.js";
