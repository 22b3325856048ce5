import type { LeakVerdict } from "./leak/verdict.js";
import type { MemoryFigures, MemoryPhaseName, MemorySample } from "./sample.js";
import type { MemorySourceName } from "./sources/registry.js";

/** Whether a source could be read, and what it measures. */
export interface MemorySourceInfo {
  readonly name: MemorySourceName;
  /** A readable definition. */
  readonly definition: string;
  /** `unavailable`: it never returned a figure. */
  readonly status: "available" | "unavailable";
  /** The reason for the last missing figure. */
  readonly reason?: string | undefined;
  readonly readCount: number;
  /** Number of reads without a figure. */
  readonly failedCount: number;
  /** The selected GPU, for the two GPU sources. */
  readonly device?: MemoryGpuInfo | undefined;
}

/** A GPU as named by the tool that reads it. */
export interface MemoryGpuInfo {
  readonly index: number;
  readonly uuid: string;
  readonly name: string;
  readonly totalBytes: number | undefined;
  /** A caveat about the figures, such as that they cover the whole GPU while the worker has a MIG instance. */
  readonly note?: string | undefined;
}

/** A named span of time. The same name may occur again as another span. */
export interface MemoryPhase {
  readonly name: MemoryPhaseName;
  readonly fromMs: number;
  readonly toMs: number;
  readonly sampleCount: number;
  /** The highest figure of each source, including samples that were thinned out later. */
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

/** The overhead of the monitor. */
export interface MemoryMonitorCost {
  readonly sampleCount: number;
  /** Scheduled samples that were skipped because the previous one was still being read; they are not made up for. */
  readonly missedCount: number;
  /** Total reading time in ms. */
  readonly readingMs: number;
  /** Longest sample in ms. */
  readonly longestMs: number;
}

/** Everything that a monitor recorded; plain JSON. */
export interface MemoryRecord {
  readonly schemaVersion: 1;
  /** ISO 8601; the zero of all `…Ms`. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly everyMs: number;
  readonly worker: { readonly workerId: string; readonly pid?: number | undefined };
  /**
   * How idle points were recognized: by the worker's `slots` or, if `/health` has none, by the call itself.
   */
  readonly idleBy: "slots" | "caller";
  readonly sources: readonly MemorySourceInfo[];
  readonly samples: readonly MemorySample[];
  /** In chronological order; together they cover the whole record. */
  readonly phases: readonly MemoryPhase[];
  readonly marks: readonly MemoryMark[];
  readonly cost: MemoryMonitorCost;
  /** One per judged source. */
  readonly verdicts: readonly LeakVerdict[];
}
