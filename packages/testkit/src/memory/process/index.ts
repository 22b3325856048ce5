export { procReader, psReader, type ProcessReader } from "./process-list.js";
export { ProcessTree } from "./process-tree.js";
