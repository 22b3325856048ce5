import { amdSmi } from "./amd/amd-smi.js";
import { rocmSmi } from "./amd/rocm-smi.js";
import { ioreg } from "./apple/ioreg.js";
import type { GpuTool } from "./backend.js";
import { nvidiaSmi } from "./nvidia/nvidia-smi.js";

/** Every built-in backend, in the order they are tried. */
export const GPU_TOOLS = [nvidiaSmi, amdSmi, rocmSmi, ioreg] as const satisfies readonly GpuTool[];

/** Value of the option `gpuBackend` for a built-in backend. */
export type GpuBackendName = (typeof GPU_TOOLS)[number]["vendor"];

/** Each name once. */
export const GPU_BACKEND_NAMES: readonly GpuBackendName[] = [...new Set(GPU_TOOLS.map(({ vendor }) => vendor))];
