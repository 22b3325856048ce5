export {
  hostFault,
  requireAvailable,
  type AvailableHostFault,
  type HostFault,
  type HostFaultId,
  type HostFaultParams,
  type MissingHostFault,
} from "./host-fault.js";
export { HostFaults } from "./host-faults.js";
