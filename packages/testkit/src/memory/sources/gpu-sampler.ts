import type { GpuProcess } from "../gpu/backend.js";
import type { GpuReader, GpuReading } from "../gpu/gpu-reader.js";
import type { ProcessTree } from "../process/process-tree.js";
import type { GpuNeighbours } from "../sample.js";
import type { MemorySourceName } from "./registry.js";
import { allMissing, type Reading, type Figure, type Sampler } from "./source.js";

const GPU_SOURCES = ["gpu-device", "gpu-process"] as const satisfies readonly MemorySourceName[];
/** A tool takes the driver's locks and tens of milliseconds of a core: once a second is plenty. */
const GPU_EVERY_MS = 1_000;

/** What the GPU sampler works with. */
export interface GpuSamplerParts {
  readonly reader: GpuReader;
  readonly tree: ProcessTree | undefined;
}

/** The GPU as a whole, and the worker's part of it. If the first reading fails, or a later one hangs, it is the last. */
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

/** That no process of the worker is listed means 0 bytes only if the list has shown one before. */
function notListed(tool: string): Figure {
  return { missing: `${tool} does not list the worker among the processes of the GPU (a container, or no GPU in use)` };
}

function sumOwn(processes: readonly GpuProcess[], own: ReadonlySet<number>, tool: string): Figure {
  let bytes = 0;
  for (const { pid, used } of processes) {
    if (!own.has(pid)) continue;
    if ("missing" in used) return { missing: `${tool} reports no memory of a process: ${used.missing}` };
    bytes += used.bytes;
  }
  return { bytes };
}

/**
 * When the worker itself was never listed, what is listed may be the worker. A process with 0 bytes is not a neighbour: amd-smi lists
 * each process on every GPU.
 */
function findNeighbours(processes: readonly GpuProcess[], own: ReadonlySet<number>, wasListed: boolean): GpuNeighbours {
  const holders = processes.filter(({ used }) => !("bytes" in used) || used.bytes > 0);
  const pids = holders.map(({ pid }) => pid).filter((pid) => !own.has(pid));
  if (!wasListed) return { status: "unknown", pids };
  return { status: pids.length === 0 ? "none" : "present", pids };
}
