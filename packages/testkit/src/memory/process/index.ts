export { procReader, psReader } from "./process-list.js";
export { ProcessTree } from "./process-tree.js";
