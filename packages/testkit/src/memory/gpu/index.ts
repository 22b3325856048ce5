export { GpuReader, type GpuState } from "./gpu-reader.js";
export { GPU_OPTIONS, resolveNvidiaSmi, validateGpuDevice, type GpuOptions } from "./options.js";
export { readGpuMemory } from "./read-gpu-memory.js";
export { waitForGpuMemoryToClear } from "./wait-for-gpu.js";
export type { ComputeAppRow } from "./parse-nvidia-smi.js";
