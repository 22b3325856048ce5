import type { GpuProcess } from "../gpu/backend.js";
import type { GpuReader, GpuReading } from "../gpu/gpu-reader.js";
import type { ProcessTree } from "../process/process-tree.js";
import type { GpuNeighbours } from "../sample.js";
import type { MemorySourceName } from "./registry.js";
import { allMissing, type Reading, type Figure, type Sampler } from "./source.js";

const GPU_SOURCES = ["gpu-device", "gpu-process"] as const satisfies readonly MemorySourceName[];
/** A tool takes driver locks and tens of milliseconds of CPU time, so once a second is plenty. */
const GPU_EVERY_MS = 1_000;

/** Dependencies of the GPU sampler. */
export interface GpuSamplerParts {
  readonly reader: GpuReader;
  readonly tree: ProcessTree | undefined;
}

/** The GPU as a whole, and the worker's part of it. If the first reading fails, or a later one hangs, reading stops. */
export function createGpuSampler({ reader, tree }: GpuSamplerParts): Sampler {
  let answered = false;
  let wasListed = false;
  return {
    names: GPU_SOURCES,
    everyMs: GPU_EVERY_MS,
    read: async () => {
      const state = await reader.read();
      if ("missing" in state) return allMissing(GPU_SOURCES, state.missing, !answered || state.hung);
      answered = true;
      await tree?.refresh("always").catch(() => undefined); // after the reading, because it may list a new child
      const own = tree?.seenPids ?? new Set();
      wasListed ||= "missing" in state.processes ? false : state.processes.some(({ pid }) => own.has(pid));
      return toReading(state, own, wasListed);
    },
  };
}

/** A sampler for a machine or worker that is known to have nothing to read. */
export function createMissingGpuSampler(reason: string): Sampler {
  const read = (): Promise<Reading> => Promise.resolve(allMissing(GPU_SOURCES, reason, true));
  return { names: GPU_SOURCES, everyMs: GPU_EVERY_MS, read };
}

function toReading(reading: GpuReading, own: ReadonlySet<number>, wasListed: boolean): Reading {
  const { gpu, used, processes, backend } = reading;
  const definitions = { "gpu-device": backend.definitions.device, "gpu-process": backend.definitions.process };
  if ("missing" in processes) {
    const figures = { "gpu-device": used, "gpu-process": processes };
    return { gpu, definitions, gpuNeighbours: { status: "unknown", pids: [] }, figures };
  }
  const figures = {
    "gpu-device": used,
    "gpu-process": wasListed ? sumOwn(processes, own, backend.name) : notListed(backend.name),
  };
  return { gpu, definitions, gpuNeighbours: findNeighbours(processes, own, wasListed), figures };
}

/** If no process of the worker is listed, that means 0 bytes only if one was listed before. */
function notListed(tool: string): Figure {
  return { missing: `${tool} does not list the worker among the processes of the GPU (a container, or no GPU in use)` };
}

function sumOwn(processes: readonly GpuProcess[], own: ReadonlySet<number>, tool: string): Figure {
  let bytes = 0;
  for (const { pid, used } of processes) {
    if (!own.has(pid)) continue;
    if ("missing" in used) return { missing: `${tool} reports no memory for a process: ${used.missing}` };
    bytes += used.bytes;
  }
  return { bytes };
}

/**
 * If the worker was never listed, a listed process may be the worker. A process with 0 bytes does not count as another user: amd-smi
 * lists each process on every GPU.
 */
function findNeighbours(processes: readonly GpuProcess[], own: ReadonlySet<number>, wasListed: boolean): GpuNeighbours {
  const holders = processes.filter(({ used }) => !("bytes" in used) || used.bytes > 0);
  const pids = holders.map(({ pid }) => pid).filter((pid) => !own.has(pid));
  if (!wasListed) return { status: "unknown", pids };
  return { status: pids.length === 0 ? "none" : "present", pids };
}
