import type { MemorySourceName } from "../sources/registry.js";
import type { Confidence } from "./theil-sen.js";

/** Why nothing could be concluded. */
export type InconclusiveCause =
  | "too-few-points"
  | "restart"
  | "worker-died"
  | "fell-back"
  | "foreign-gpu-processes"
  | "unknown-gpu-processes"
  | "no-figures";

/** The line through the kept points. */
export interface LeakSlope {
  /** Bytes per cycle. */
  readonly bytesPerCycle: number;
  /** Ends of the interval, in bytes per cycle. */
  readonly low: number;
  readonly high: number;
  readonly confidence: Confidence;
  /** The line at cycle 0, in bytes; the line is `interceptBytes + bytesPerCycle × cycle`. */
  readonly interceptBytes: number;
}

/** The thresholds of a verdict, with the defaults filled in. */
export interface LeakBounds {
  /** Growth over `remainingCycles` above which it is a leak, in bytes. */
  readonly limitBytes: number;
  readonly remainingCycles: number;
  /** Minimum growth over the run for a leak or a step, in bytes. */
  readonly minGrowthBytes: number;
}

/** A jump of the level. */
export interface MemoryStep {
  /** The first cycle on the new level. */
  readonly atCycle: number;
  readonly bytes: number;
}

/** A verdict and its figures. */
export interface ConclusiveVerdict {
  readonly status: "leak" | "step" | "none";
  readonly source: MemorySourceName;
  /** A one-line summary with the numbers. */
  readonly reason: string;
  /** Idle points with a figure of this source. */
  readonly pointCount: number;
  /** Points left after the first third was dropped. */
  readonly keptCount: number;
  /** First and last cycle of the kept points. */
  readonly keptCycles: readonly [first: number, last: number];
  readonly slope: LeakSlope;
  /** Median of the first third of the kept points, in bytes. */
  readonly firstMedianBytes: number;
  /** Median of the last third of the kept points, in bytes. */
  readonly lastMedianBytes: number;
  /** `lastMedianBytes − firstMedianBytes`, scaled to the whole run, in bytes. */
  readonly growthBytes: number;
  readonly bounds: LeakBounds;
  /** The largest jump, if it exceeds `minGrowthBytes` and the noise. */
  readonly step?: MemoryStep | undefined;
}

/** The reason why there is no verdict. */
export interface InconclusiveVerdict {
  readonly status: "inconclusive";
  readonly source: MemorySourceName;
  readonly cause: InconclusiveCause;
  readonly reason: string;
  readonly pointCount: number;
}

/** Whether the memory of one source leaks; a union on `status`. */
export type LeakVerdict = ConclusiveVerdict | InconclusiveVerdict;
