import type { MemoryGpuInfo } from "../record.js";
import type { GpuNeighbours, MemorySourceName } from "../sample.js";

/** A figure; or none this time; or none for ever, so that nobody need ask again. */
export type Reading = { readonly bytes: number } | { readonly missing: string; readonly forEver?: boolean | undefined };

/** What `/health` says besides memory; a worker may leave out any of it. */
export interface HealthFacts {
  readonly slots?: { readonly busy: number; readonly queued: number } | undefined;
  readonly pid?: number | undefined;
  readonly uptimeSeconds?: number | undefined;
  readonly device?: string | undefined;
  readonly vramBytes?: number | undefined;
}

/** What one look of a sampler yields. */
export interface Look {
  readonly readings: Readonly<Partial<Record<MemorySourceName, Reading>>>;
  readonly health?: HealthFacts | undefined;
  readonly gpu?: MemoryGpuInfo | undefined;
  readonly gpuNeighbours?: GpuNeighbours | undefined;
}

/** How a look is taken. */
export interface LookOptions {
  /** A quiet point: exact rather than cheap. */
  readonly exact: boolean;
  readonly signal: AbortSignal;
}

/** Reads one or more sources together. Never rejects. */
export interface Sampler {
  readonly names: readonly MemorySourceName[];
  /** Shortest time from one look to the next in ms, whatever the monitor's pace; exact looks do not care. */
  readonly everyMs: number;
  /** Whether it can tell something about a worker that has ended. */
  readonly outlivesWorker: boolean;
  look(options: LookOptions): Promise<Look>;
}

/** The same reason for several sources. */
export function allMissing(names: readonly MemorySourceName[], missing: string, forEver = false): Look {
  return { readings: Object.fromEntries(names.map((name) => [name, { missing, forEver }])) };
}
