import type { LeakVerdict } from "./leak/verdict.js";
import type { MemoryFigures, MemoryPhaseName, MemorySample } from "./sample.js";
import type { MemorySourceName } from "./sources/registry.js";

/** Whether a source could be read, and what it is. */
export interface MemorySourceInfo {
  readonly name: MemorySourceName;
  /** The definition, for people. */
  readonly definition: string;
  /** `unavailable`: it never gave a figure. */
  readonly status: "available" | "unavailable";
  /** Why it gave no figure, the last time that it gave none. */
  readonly reason?: string | undefined;
  readonly readCount: number;
  /** Reads that gave no figure. */
  readonly failedCount: number;
  /** The GPU that was chosen, of the two GPU sources. */
  readonly device?: MemoryGpuInfo | undefined;
}

/** A GPU as the tool that reads it names it. */
export interface MemoryGpuInfo {
  readonly index: number;
  readonly uuid: string;
  readonly name: string;
  readonly totalBytes: number | undefined;
  /** What the reader of the figures should know, e.g. that they are those of a whole GPU and the worker has a MIG instance. */
  readonly note?: string | undefined;
}

/** A span of time with a name. The same name may come again, as another span. */
export interface MemoryPhase {
  readonly name: MemoryPhaseName;
  readonly fromMs: number;
  readonly toMs: number;
  readonly sampleCount: number;
  /** The highest figure of each source, also of samples that were thinned out later. */
  readonly peakBytes: MemoryFigures;
  /** The last figure of each source. */
  readonly lastBytes: MemoryFigures;
}

/** Something that happened to the worker. */
export interface MemoryMark {
  readonly kind: "restart" | "died" | "stopped" | "aborted";
  readonly atMs: number;
  readonly detail: string;
}

/** What the monitor itself cost. */
export interface MemoryMonitorCost {
  readonly sampleCount: number;
  /** Times of the schedule at which the sample before was still being read: they are left out, never made up for. */
  readonly missedCount: number;
  /** Milliseconds during which something was being read. */
  readonly readingMs: number;
  /** Longest sample in ms. */
  readonly longestMs: number;
}

/** Everything that a monitor saw; plain JSON. */
export interface MemoryRecord {
  readonly schemaVersion: 1;
  /** ISO 8601; the zero of all `…Ms`. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly everyMs: number;
  readonly worker: { readonly workerId: string; readonly pid?: number | undefined };
  /**
   * How idle points were recognised: the worker's own `slots`, or, where `/health` has none, the word of the caller.
   */
  readonly idleBy: "slots" | "caller";
  readonly sources: readonly MemorySourceInfo[];
  readonly samples: readonly MemorySample[];
  /** In order of time; together they cover the whole record. */
  readonly phases: readonly MemoryPhase[];
  readonly marks: readonly MemoryMark[];
  readonly cost: MemoryMonitorCost;
  /** One for each source that was judged. */
  readonly verdicts: readonly LeakVerdict[];
}
