import type { GpuRow, MigRow } from "./parse-nvidia-smi.js";

/** Selects a GPU. */
export interface GpuWish {
  /** A UUID or UUID prefix (`GPU-…`, `MIG-…`), or an index among the GPUs visible to the worker. */
  readonly device: number | string;
  /** The worker's `CUDA_VISIBLE_DEVICES`. */
  readonly visible: string | undefined;
  /** The worker's `CUDA_DEVICE_ORDER`. */
  readonly order: string | undefined;
}

/** The GPU, or why there is none. */
export type GpuSelection =
  | { readonly gpu: GpuRow; readonly uuids: readonly string[]; readonly note?: string | undefined }
  | { readonly missing: string };

/**
 * Finds the GPU that a worker with this environment uses. `CUDA_VISIBLE_DEVICES` renumbers the GPUs it lists, by index or UUID.
 * It may name a MIG instance: the figures are then those of the whole GPU, because `nvidia-smi` has none for instances. An
 * index is meaningful only if CUDA orders GPUs like `nvidia-smi`, by bus address: without `CUDA_DEVICE_ORDER=PCI_BUS_ID` the
 * fastest GPU comes first, so an index is rejected if the GPUs differ.
 */
export function selectGpu(wish: GpuWish, gpus: readonly GpuRow[], instances: readonly MigRow[]): GpuSelection {
  if (typeof wish.device === "string") return findByUuid(wish.device, gpus, instances);
  const entry = findVisible(wish.device, wish.visible);
  if (entry === undefined) {
    return { missing: `GPU ${wish.device} is not among CUDA_VISIBLE_DEVICES=${wish.visible ?? ""}` };
  }
  if (!/^\d+$/.test(entry)) return findByUuid(entry, gpus, instances);
  const gpu = gpus.find(({ index }) => index === Number(entry));
  if (gpu === undefined) return { missing: `there is no GPU ${entry}; nvidia-smi lists ${listGpus(gpus)}` };
  const isAmbiguous = wish.order !== "PCI_BUS_ID" && new Set(gpus.map(({ name }) => name)).size > 1;
  if (!isAmbiguous) return { gpu, uuids: [gpu.uuid, ...uuidsOf(gpu, instances)] };
  const missing =
    `GPU ${entry} may be another one for CUDA, which counts the fastest first: set CUDA_DEVICE_ORDER=PCI_BUS_ID ` +
    `for the worker, or name the GPU by its UUID: ${listGpus(gpus)}`;
  return { missing };
}

/** The entry for an index. CUDA stops reading at the first invalid entry, such as `-1`. */
function findVisible(ordinal: number, visible: string | undefined): string | undefined {
  if (visible === undefined) return String(ordinal);
  const entries = visible.split(",").map((entry) => entry.trim());
  const end = entries.findIndex((entry) => !/^(\d+$|GPU-|MIG-)/.test(entry));
  return entries.slice(0, end === -1 ? entries.length : end)[ordinal];
}

function findByUuid(uuid: string, gpus: readonly GpuRow[], instances: readonly MigRow[]): GpuSelection {
  if (!uuid.startsWith("MIG-")) {
    const [gpu, second] = gpus.filter((row) => row.uuid.startsWith(uuid));
    if (gpu !== undefined && second === undefined) return { gpu, uuids: [gpu.uuid, ...uuidsOf(gpu, instances)] };
    return {
      missing: `${gpu === undefined ? "no GPU has" : "several GPUs have"} the UUID ${uuid}; nvidia-smi lists ${listGpus(gpus)}`,
    };
  }
  // Until driver 470 an instance was called MIG-GPU-<uuid of the GPU>/<instance>/<compute instance>.
  const parent = /^MIG-(GPU-[^/]+)/.exec(uuid)?.[1] ?? instances.find((row) => row.uuid.startsWith(uuid))?.gpuUuid;
  const gpu = gpus.find((row) => row.uuid === parent);
  if (gpu === undefined) return { missing: `nvidia-smi -L lists no MIG instance ${uuid}` };
  const note = `figures of the whole GPU: nvidia-smi has none for the MIG instance ${uuid}`;
  return { gpu, uuids: [gpu.uuid, ...uuidsOf(gpu, instances)], note };
}

function uuidsOf(gpu: GpuRow, instances: readonly MigRow[]): string[] {
  return instances.filter(({ gpuUuid }) => gpuUuid === gpu.uuid).map(({ uuid }) => uuid);
}

function listGpus(gpus: readonly GpuRow[]): string {
  return gpus.map(({ index, uuid, name }) => `${index} (${name}, ${uuid})`).join(", ") || "none";
}
