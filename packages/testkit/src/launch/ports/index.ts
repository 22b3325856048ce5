export { isBindable } from "./bindable.js";
export { findFreePort, type FindFreePortOptions, type FreePort } from "./free-port.js";
