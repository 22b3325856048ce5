import type { MemorySourceName } from "../sources/registry.js";
import type { Confidence } from "./theil-sen.js";

/** Why nothing could be concluded. */
export type InconclusiveCause =
  "too-few-points" | "restart" | "worker-died" | "foreign-gpu-processes" | "unknown-gpu-processes" | "no-figures";

/** The line through the kept points. */
export interface LeakSlope {
  /** Bytes for each cycle. */
  readonly bytesPerCycle: number;
  /** Ends of the interval, in bytes for each cycle. */
  readonly low: number;
  readonly high: number;
  readonly confidence: Confidence;
  /** Where the line is at cycle 0, in bytes: `interceptBytes + bytesPerCycle × cycle` draws it. */
  readonly interceptBytes: number;
}

/** The thresholds of a verdict, with the defaults filled in. */
export interface LeakBounds {
  /** Growth over `remainingCycles` above which it is a leak, in bytes. */
  readonly limitBytes: number;
  readonly remainingCycles: number;
  /** Growth over the run below which nothing is called a leak or a step, in bytes. */
  readonly minGrowthBytes: number;
}

/** A jump of the level. */
export interface MemoryStep {
  /** The first cycle on the new level. */
  readonly atCycle: number;
  readonly bytes: number;
}

/** A verdict with its figures. */
export interface ConclusiveVerdict {
  readonly status: "leak" | "step" | "none";
  readonly source: MemorySourceName;
  /** One line for people, with the numbers. */
  readonly reason: string;
  /** Idle points with a figure of this source. */
  readonly pointCount: number;
  /** Those that are left after the first third was dropped. */
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
  /** The largest jump, if it is beyond `minGrowthBytes`. */
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
