import type { GpuCandidate } from "./choose-backends.js";
import { GPU_TOOLS } from "./gpu-tools.js";

/** The part of a worker's `device` in /health that a GPU backend can use. */
export type WorkerDevice =
  { readonly device: number; readonly candidates: readonly GpuCandidate[] } | { readonly missing: string };

/** APIs that number GPUs unlike any tool. */
const FOREIGN_APIS = ["vulkan", "sycl"];

/**
 * Reads `cuda:0`, `rocm:1` or `metal`: the backends for that API, and the index. Without a known API or an index, it
 * is the first GPU.
 */
export function resolveWorkerDevice(reported: string, candidates: readonly GpuCandidate[]): WorkerDevice {
  const [, word = "", number = "0"] = /^([a-z]+)(?::(\d+))?\b/i.exec(reported) ?? [];
  const api = word.toLowerCase();
  const toolApis: readonly string[] = GPU_TOOLS.flatMap(({ apis }) => apis);
  if (!toolApis.includes(api) && !FOREIGN_APIS.includes(api)) return { device: 0, candidates };
  const usable = candidates.filter(({ apis }) => apis?.includes(api) ?? true);
  if (usable.length > 0) return { device: Number(number), candidates: usable };
  const tools = candidates.map(({ backend }) => backend.name).join(", ");
  return { missing: `the worker runs on \`${reported}\`, which ${tools} may number differently: set \`gpuDevice\`` };
}
