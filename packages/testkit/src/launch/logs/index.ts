export { LogBuffer } from "./log-buffer.js";
export { createLineMatcher, type LogLine, type LogStream } from "./log-line.js";
export type { LogWaitOptions, WorkerLogs } from "./worker-logs.js";
