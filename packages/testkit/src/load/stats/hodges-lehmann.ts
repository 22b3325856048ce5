import { median } from "../../numbers/index.js";

/**
 * By how much the second sample is shifted against the first: the median of all pairwise differences (Hodges and Lehmann 1963). Belongs
 * to the rank test as the difference of means does to the t-test; one wild value does not move it.
 *
 * @example shiftBetween([1, 2, 3], [11, 12, 13]) // 10
 */
export function shiftBetween(first: readonly number[], second: readonly number[]): number {
  return median(second.flatMap((later) => first.map((earlier) => later - earlier)));
}
