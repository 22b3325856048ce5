export { describeLengths, lengths, type Lengths } from "./lengths.js";
export { parsePromptFile, type PromptFile } from "./prompt-file.js";
export { toTalk, type Talk } from "./talk.js";
export { makeItem, type WorkloadItem, type WorkloadOptions } from "./workload.js";
