export { MemoryMonitor } from "./memory-monitor.js";
export { monitorMemory } from "./monitor-memory.js";
export { MONITOR_OPTIONS, validateSources, type MonitorOptions } from "./options.js";
