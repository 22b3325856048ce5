import type { MemorySourceName } from "./sources/registry.js";

/** Bytes by source; a source that could not be read at that moment is missing. */
export type MemoryFigures = Readonly<Partial<Record<MemorySourceName, number>>>;

/** What the test is doing: four usual names, or any other. */
export type MemoryPhaseName = "load" | "idle" | "inference" | "after-stop" | (string & {});

/**
 * Who else uses the GPU. `unknown`: the driver lists no process, or none of the worker's, as in a container with process
 * numbers of its own; `pids` are those that it lists.
 */
export interface GpuNeighbours {
  readonly status: "none" | "present" | "unknown";
  readonly pids: readonly number[];
}

/** One reading of all sources. */
export interface MemorySample {
  /** Milliseconds since the monitor began, on the monotonic clock, in the middle of the reads. */
  readonly atMs: number;
  /** How long the reads took, in ms. */
  readonly tookMs: number;
  readonly phase: MemoryPhaseName;
  /** True for an idle point: no job was running before and after the reads. Only these are judged. */
  readonly idle: boolean;
  /** The number of the cycle that this idle point closes; 0 is the point before the first one. */
  readonly cycle?: number | undefined;
  /** 1 for the worker as it was found, and one more with every restart that was noticed. */
  readonly incarnation: number;
  /** `died` only for an end that nobody had asked for. */
  readonly worker: "running" | "stopped" | "died";
  readonly bytes: MemoryFigures;
  /** Only where a GPU was read. */
  readonly gpuNeighbours?: GpuNeighbours | undefined;
}
