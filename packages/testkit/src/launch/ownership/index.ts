export { findPortOwner } from "./find-port-owner.js";
export type { PortOwner } from "./port-owner.js";
export { createForeignOwnerError, isForeignOwner, warnUnverified } from "./report-owner.js";
