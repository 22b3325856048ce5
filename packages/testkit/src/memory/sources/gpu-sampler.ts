import type { ComputeAppRow, GpuReader, GpuState } from "../gpu/index.js";
import type { ProcessTree } from "../process/index.js";
import type { GpuNeighbours, MemorySourceName } from "../sample.js";
import { allMissing, type Reading, type Figure, type Sampler } from "./source.js";

const GPU_SOURCES = ["gpu-device", "gpu-process"] as const satisfies readonly MemorySourceName[];
/** `nvidia-smi` takes the driver's locks and tens of milliseconds of a core: once a second is plenty. */
const GPU_EVERY_MS = 1_000;

/** What the GPU sampler works with. */
export interface GpuSamplerParts {
  readonly reader: GpuReader;
  readonly tree: ProcessTree | undefined;
}

/** The GPU as a whole, and the worker's part of it. `nvidia-smi` that fails at the first reading is not asked again. */
export function createGpuSampler({ reader, tree }: GpuSamplerParts): Sampler {
  let answered = false;
  let wasListed = false;
  return {
    names: GPU_SOURCES,
    everyMs: GPU_EVERY_MS,
    outlivesWorker: true,
    read: async () => {
      const state = await reader.read();
      if ("missing" in state) return allMissing(GPU_SOURCES, state.missing, !answered || isHang(state.missing));
      answered = true;
      await tree?.refresh("always").catch(() => undefined); // after the reading: a child that it lists may be new
      const own = tree?.seenPids ?? new Set();
      wasListed ||= "missing" in state.processes ? false : state.processes.some(({ pid }) => own.has(pid));
      return toReading(state, own, wasListed);
    },
  };
}

/** A sampler for a machine or a worker of which it is known that there is nothing to read. */
export function createMissingGpuSampler(reason: string): Sampler {
  const read = (): Promise<Reading> => Promise.resolve(allMissing(GPU_SOURCES, reason, true));
  return { names: GPU_SOURCES, everyMs: GPU_EVERY_MS, outlivesWorker: true, read };
}

/** Asking a driver that hangs again costs ten seconds each time. */
function isHang(reason: string): boolean {
  return reason.includes("did not answer within");
}

function toReading({ gpu, used, processes }: GpuState, own: ReadonlySet<number>, wasListed: boolean): Reading {
  if ("missing" in processes) {
    return {
      gpu,
      gpuNeighbours: { status: "unknown", pids: [] },
      figures: { "gpu-device": used, "gpu-process": processes },
    };
  }
  const figures = { "gpu-device": used, "gpu-process": sumOwn(processes, own, wasListed) };
  return { gpu, gpuNeighbours: findNeighbours(processes, own, wasListed), figures };
}

/** That no process of the worker is listed means 0 bytes only if the list has shown one before. */
function sumOwn(processes: readonly ComputeAppRow[], own: ReadonlySet<number>, wasListed: boolean): Figure {
  if (!wasListed) {
    return {
      missing: "nvidia-smi does not list the worker among the processes of the GPU (a container, or no GPU in use)",
    };
  }
  let bytes = 0;
  for (const { pid, used } of processes) {
    if (!own.has(pid)) continue;
    if ("missing" in used) return { missing: `nvidia-smi gives no memory of a process: ${used.missing}` };
    bytes += used.bytes;
  }
  return { bytes };
}

/** When the worker itself was never listed, nothing that is listed can be told from it. */
function findNeighbours(
  processes: readonly ComputeAppRow[],
  own: ReadonlySet<number>,
  wasListed: boolean,
): GpuNeighbours {
  const pids = processes.map(({ pid }) => pid).filter((pid) => !own.has(pid));
  if (!wasListed) return { status: "unknown", pids };
  return { status: pids.length === 0 ? "none" : "present", pids };
}
