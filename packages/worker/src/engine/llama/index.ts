export { loadLlamaEngine } from "./load.js";
export type { NativeLogger } from "./native-log.js";
export type { LlamaEngineOptions } from "./options.js";
