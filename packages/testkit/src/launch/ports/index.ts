export { isBindable } from "./bindable.js";
export { holdPort, type HeldPort } from "./hold-port.js";
export { findFreePort, type FreePort } from "./free-port.js";
export { tryLockPort as tryLockFile } from "./port-lock.js";
