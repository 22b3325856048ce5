import type { MemoryGpuInfo } from "../record.js";
import type { GpuNeighbours } from "../sample.js";
import type { MemorySourceName } from "./registry.js";

/** A figure, or the reason why there is none. `permanent`: there never will be one, so the source is not read again. */
export type Figure =
  { readonly bytes: number } | { readonly missing: string; readonly permanent?: boolean | undefined };

/** The fields of `/health` other than memory; a worker may leave out any of them. */
export interface HealthFacts {
  readonly slots?: { readonly busy: number; readonly queued: number } | undefined;
  readonly pid?: number | undefined;
  readonly uptimeSeconds?: number | undefined;
  readonly device?: string | undefined;
  readonly vramBytes?: number | undefined;
}

/** One reading of a sampler. */
export interface Reading {
  readonly figures: Readonly<Partial<Record<MemorySourceName, Figure>>>;
  readonly health?: HealthFacts | undefined;
  readonly gpu?: MemoryGpuInfo | undefined;
  /** What the figures measure, if that depends on how they were read. */
  readonly definitions?: Readonly<Partial<Record<MemorySourceName, string>>> | undefined;
  readonly gpuNeighbours?: GpuNeighbours | undefined;
}

/** Options of a reading. */
export interface ReadOptions {
  /** An idle point: exact rather than cheap. */
  readonly exact: boolean;
  readonly signal: AbortSignal;
}

/** Reads one or more sources together. Never rejects. */
export interface Sampler {
  readonly names: readonly MemorySourceName[];
  /** Minimum time between two readings in ms, regardless of the monitor's interval. Exact readings ignore it. */
  readonly everyMs: number;
  read(options: ReadOptions): Promise<Reading>;
}

/** The same reason for several sources. */
export function allMissing(names: readonly MemorySourceName[], missing: string, permanent = false): Reading {
  return { figures: Object.fromEntries(names.map((name) => [name, { missing, permanent }])) };
}
