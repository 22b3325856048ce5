export { loadLlamaEngine } from "./load.js";
export type { LlamaEngineOptions } from "./options.js";
