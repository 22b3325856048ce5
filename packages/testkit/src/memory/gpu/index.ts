export type { GpuBackend, GpuProcess } from "./backend.js";
export { GpuReader, type GpuReading } from "./gpu-reader.js";
export { GPU_OPTIONS, resolveGpuOptions, type ResolvedGpuOptions } from "./options.js";
export { readGpuMemory } from "./read-gpu-memory.js";
export { waitForGpuMemoryToClear } from "./wait-for-gpu.js";
export { resolveWorkerDevice } from "./worker-device.js";
