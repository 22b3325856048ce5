export {
  assertNoLeak,
  assertReleasedAfterStop,
  type LeakAssertOptions,
  type LeakJob,
  type LeakRunOptions,
  type ReleaseOptions,
} from "./assertions/index.js";
export {
  readGpuMemory,
  waitForGpuMemoryToClear,
  type GpuAnswer,
  type GpuBackend,
  type GpuBackendName,
  type GpuCell,
  type GpuClearOptions,
  type GpuDefinitions,
  type GpuMemory,
  type GpuMissing,
  type GpuOptions,
  type GpuProcess,
  type GpuState,
  type GpuTarget,
  type ReadGpuMemoryOptions,
} from "./gpu/index.js";
export {
  judgeLeak,
  type ConclusiveVerdict,
  type InconclusiveCause,
  type InconclusiveVerdict,
  type JudgeLeakOptions,
  type LeakBounds,
  type LeakOptions,
  type LeakSlope,
  type LeakVerdict,
  type MemoryStep,
} from "./leak/index.js";
export { monitorMemory, type MemoryMonitor, type MonitorOptions, type IdleOptions } from "./monitor/index.js";
export type {
  MemoryGpuInfo,
  MemoryMark,
  MemoryMonitorCost,
  MemoryPhase,
  MemoryRecord,
  MemorySourceInfo,
} from "./record.js";
export {
  MEMORY_SOURCES,
  type GpuNeighbours,
  type MemoryFigures,
  type MemoryPhaseName,
  type MemorySample,
  type MemorySourceName,
} from "./sample.js";
