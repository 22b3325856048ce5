import { median } from "../../numbers/index.js";

/**
 * How far the second sample is shifted from the first: the median of all pairwise differences (Hodges and Lehmann 1963). It is to the rank
 * test what the difference of means is to the t-test; one outlier does not move it.
 *
 * @example shiftBetween([1, 2, 3], [11, 12, 13]) // 10
 */
export function shiftBetween(first: readonly number[], second: readonly number[]): number {
  return median(second.flatMap((later) => first.map((earlier) => later - earlier)));
}
