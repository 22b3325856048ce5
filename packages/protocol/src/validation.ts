/** Helpers for the messages of validators, shared by the packages of this repository. Not part of the wire contract. */
export { preview } from "./preview.js";
export { describeUnknownName } from "./schema-problem.js";
export { suggest } from "./suggest.js";
