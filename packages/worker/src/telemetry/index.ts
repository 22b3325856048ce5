export { LOG_LEVELS, Logger, type LogFields, type LogLevel } from "./logger.js";
export { WorkerMetrics, type Outcome } from "./worker-metrics.js";
