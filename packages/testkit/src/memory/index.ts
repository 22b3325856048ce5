export {
  assertNoLeak,
  assertReleasedAfterStop,
  type LeakAssertOptions,
  type LeakRunOptions,
  type ReleaseOptions,
} from "./assertions/index.js";
export { readGpuMemory, waitForGpuMemoryToClear, type GpuBackend } from "./gpu/index.js";
export { judgeLeak, type JudgeLeakOptions, type LeakVerdict } from "./leak/index.js";
export { monitorMemory, type MemoryMonitor, type MonitorOptions } from "./monitor/index.js";
export type { MemoryRecord } from "./record.js";
