import { median } from "../../numbers/index.js";
import { levelsOf } from "./levels.js";
import type { Point } from "./theil-sen.js";

/** Number of points on each side of a jump whose medians are compared, so that a spike of one or two points is not a jump. */
const SIDE_COUNT = 5;
/** Closer to an end, a jump cannot be distinguished from a spike. */
const LEAST_SIDE_COUNT = 2;

/** A jump is above the noise if it is larger than the usual change between two adjacent points by this factor. */
const NOISE_FACTOR = 5;

/** A change of level between two adjacent points. */
export interface Jump {
  /** Number of the first point after it. */
  readonly index: number;
  readonly size: number;
}

/**
 * The largest upward jump of a series: where the medians of the five points before and after differ most. Its size is the
 * smaller of that difference and the change between the two adjacent points, so that neither a spike nor a steep slope makes a
 * jump look larger than it is.
 */
export function findLargestJump(points: readonly Point[]): Jump | undefined {
  let largest: Jump | undefined;
  for (let index = LEAST_SIDE_COUNT; index <= points.length - LEAST_SIDE_COUNT; index++) {
    const size = Math.min(levelAfter(points, index) - levelBefore(points, index), changeAt(points, index));
    if (size > (largest?.size ?? 0)) largest = { index, size };
  }
  return largest;
}

/** The series without a jump: the points after it are lowered to the level before it. */
export function removeJump(points: readonly Point[], { index, size }: Jump): Point[] {
  return points.map(({ x, y }, at) => ({ x, y: at < index ? y : y - size }));
}

/**
 * Whether a jump is above the noise: every later level is above every earlier one, and the jump is larger than the median change between
 * two adjacent points by a factor of five.
 */
export function isAboveNoise(points: readonly Point[], { index, size }: Jump): boolean {
  const changes = points.slice(1).map((_, at) => Math.abs(changeAt(points, at + 1)));
  if (size <= NOISE_FACTOR * median(changes)) return false;
  return Math.min(...levelsOf(points.slice(index))) > Math.max(...levelsOf(points.slice(0, index)));
}

/** Median of the last points before a place. */
export function levelBefore(points: readonly Point[], index: number): number {
  return median(points.slice(Math.max(0, index - SIDE_COUNT), index).map(({ y }) => y));
}

function levelAfter(points: readonly Point[], index: number): number {
  return median(points.slice(index, index + SIDE_COUNT).map(({ y }) => y));
}

function changeAt(points: readonly Point[], index: number): number {
  return (points[index]?.y ?? NaN) - (points[index - 1]?.y ?? NaN);
}
