import { formatBytes } from "../../numbers/index.js";
import { levelsOf, SPIKE_COUNT } from "./levels.js";
import type { Point } from "./theil-sen.js";

/** Growth lasts only if no fall is larger than this share of it. */
const LARGEST_FALL_SHARE = 0.5;
/** Falls are measured on the median of this part of the points, so that noise is not a fall. */
const LEVEL_PART = 1 / 7;

/** Points of a growing series: the dropped ones, and the first and last third of the kept ones. */
export interface GrowingSeries {
  readonly earlier: readonly Point[];
  readonly kept: readonly Point[];
  readonly first: readonly Point[];
  readonly last: readonly Point[];
  /** From the median of the first third to that of the last. */
  readonly rise: number;
}

/** What speaks against growth that lasts. */
export interface Setback {
  /** `returned`: the lows did not rise, so it is not a leak. `fell`: the memory was as high before, or fell in between; it may be one. */
  readonly kind: "returned" | "fell";
  readonly reason: string;
}

/**
 * Why growth may be memory that is collected from time to time, a saw-tooth; undefined if it lasts. A leak lifts the lows and the highs,
 * and never falls far: each of them is compared with half of the rise of the median.
 */
export function findSetback(series: GrowingSeries): Setback | undefined {
  const { earlier, kept, first, last, rise } = series;
  const half = rise * LARGEST_FALL_SHARE;
  const width = Math.min(SPIKE_COUNT, first.length); // the same on both sides, so that neither has more extremes
  const [earlyLevels, firstLevels, lastLevels] = [[...earlier, ...first], first, last].map((points) =>
    levelsOf(points, width),
  ) as [number[], number[], number[]];
  const low = Math.min(...lastLevels);
  if (low - Math.min(...firstLevels) < half) {
    return { kind: "returned", reason: `memory came back to ${formatBytes(low)} in the last third` };
  }
  const high = Math.max(...earlyLevels);
  if (Math.max(...lastLevels) - high < half) {
    return { kind: "fell", reason: `it had been at ${formatBytes(high)} before and was released` };
  }
  const fall = largestFall(levelsOf(kept, Math.floor(kept.length * LEVEL_PART)));
  return fall > half ? { kind: "fell", reason: `it fell by ${formatBytes(fall)} in between` } : undefined;
}

/** From the highest level so far down to a later one. */
function largestFall(levels: readonly number[]): number {
  let [highest, fall] = [-Infinity, 0];
  for (const level of levels) {
    highest = Math.max(highest, level);
    fall = Math.max(fall, highest - level);
  }
  return fall;
}
