import type { MemorySourceName } from "./sources/registry.js";

/** Bytes by source; sources that could not be read at that time are missing. */
export type MemoryFigures = Readonly<Partial<Record<MemorySourceName, number>>>;

/** What the test is doing: four predefined names, or any other. */
export type MemoryPhaseName = "load" | "idle" | "inference" | "after-stop" | (string & {});

/**
 * Other processes on the GPU. `unknown`: the driver lists no process, or none of the worker's, as in a container with
 * its own pid namespace; `pids` are the listed ones.
 */
export interface GpuNeighbours {
  readonly status: "none" | "present" | "unknown";
  readonly pids: readonly number[];
}

/** One reading of all sources. */
export interface MemorySample {
  /** Milliseconds since the monitor started, on the monotonic clock, at the middle of the reads. */
  readonly atMs: number;
  /** How long the reads took, in ms. */
  readonly tookMs: number;
  readonly phase: MemoryPhaseName;
  /** True for an idle point: no job was running before or after the reads. Only these are judged. */
  readonly idle: boolean;
  /** The number of the cycle that this idle point ends; 0 is the point before the first one. */
  readonly cycle?: number | undefined;
  /** 1 for the worker at the start, and one more for every detected restart. */
  readonly incarnation: number;
  /** `died` only for an unexpected end. */
  readonly worker: "running" | "stopped" | "died";
  readonly bytes: MemoryFigures;
  /** Only if a GPU was read. */
  readonly gpuNeighbours?: GpuNeighbours | undefined;
}
