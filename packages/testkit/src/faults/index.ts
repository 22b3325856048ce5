export { checkKeys, createStopped } from "./check-keys.js";
export { FaultSession } from "./fault-session.js";
export { hostFault, requireAvailable, type AvailableHostFault, type HostFault } from "./host/host-fault.js";
export { assertAllFired, createNeverFired, findUnfired } from "./never-fired.js";
export type { WorkerFaultSpec } from "./parse-specs.js";
export type { ProcessControl } from "./process/process-faults.js";
export { faultSessionOf, WorkerFaults } from "./worker-faults.js";
