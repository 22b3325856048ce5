export { MemoryMonitor } from "./memory-monitor.js";
export { monitorMemory } from "./monitor-memory.js";
export { MONITOR_OPTIONS, SOURCES, type MonitorOptions } from "./options.js";
export { IDLE_OPTIONS } from "./idle-gate.js";
