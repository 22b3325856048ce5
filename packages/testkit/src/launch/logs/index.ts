export { LogBuffer } from "./log-buffer.js";
export { createLineMatcher, type LogLine } from "./log-line.js";
export type { WorkerLogs } from "./worker-logs.js";
