export { LOG_LEVELS, Logger, type LogLevel } from "./logger.js";
export { WorkerMetrics, type Outcome } from "./worker-metrics.js";
export { SendJournal, type JobRecord } from "./send-journal.js";
