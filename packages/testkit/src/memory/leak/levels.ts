import { median } from "../../numbers/index.js";
import type { Point } from "./theil-sen.js";

/** Highs and lows are medians of this number of points, so that a spike of one point is neither. */
export const SPIKE_COUNT = 3;

/** Medians of every `width` successive points; of all points if there are fewer. */
export function levelsOf(points: readonly Point[], width = SPIKE_COUNT): number[] {
  const ys = points.map(({ y }) => y);
  const size = Math.max(1, Math.min(width, ys.length));
  return Array.from({ length: ys.length - size + 1 }, (_, index) => median(ys.slice(index, index + size)));
}
