/** The entry point `inference-testkit/faults`: everything that breaks a worker on purpose. */
export type { FaultSpec } from "worker-orcd-control";
export { FaultProxy, type FaultProxyOptions, type ProxyFaultId } from "./fault-proxy/index.js";
export { hostFault, type AvailableHostFault, type HostFault, type WorkerFaultSpec } from "./faults/index.js";
export { assertRecovers, type Recovery, type RecoveryOptions } from "./recovery/index.js";
