export { checkKeys, createStopped } from "./check-keys.js";
export { createNeverFired, findNeverFired, findUnfired } from "./accounting.js";
export {
  hostFault,
  requireAvailable,
  type AvailableHostFault,
  type HostFault,
  type HostFaultId,
  type HostFaultParams,
  type MissingHostFault,
} from "./host/index.js";
export type { WorkerFaultId, WorkerFaultSpec } from "./parse-specs.js";
export type { ProcessControl } from "./process-faults.js";
export { WorkerFaults } from "./worker-faults.js";
