export { hostFault, requireAvailable, type AvailableHostFault, type HostFault } from "./host-fault.js";
export { HostFaults } from "./host-faults.js";
