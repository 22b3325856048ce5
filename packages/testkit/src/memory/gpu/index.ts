export type {
  GpuAnswer,
  GpuBackend,
  GpuCell,
  GpuDefinitions,
  GpuMissing,
  GpuProcess,
  GpuState,
  GpuTarget,
} from "./backend.js";
export { GpuReader, type GpuReading } from "./gpu-reader.js";
export type { GpuBackendName } from "./gpu-tools.js";
export { GPU_OPTIONS, resolveGpuOptions, type GpuOptions, type ResolvedGpuOptions } from "./options.js";
export { readGpuMemory, type GpuMemory, type ReadGpuMemoryOptions } from "./read-gpu-memory.js";
export { waitForGpuMemoryToClear, type GpuClearOptions } from "./wait-for-gpu.js";
export { resolveWorkerDevice } from "./worker-device.js";
