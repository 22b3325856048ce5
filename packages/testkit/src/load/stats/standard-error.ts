/**
 * The standard error of the difference of two means: how much it varies when both samples are taken again (Welch).
 *
 * @param first at least two values. @param second at least two values.
 * @example standardError([1, 2, 3], [1, 2, 3]) // 0.816…
 */
export function standardError(first: readonly number[], second: readonly number[]): number {
  return Math.sqrt(variance(first) / first.length + variance(second) / second.length);
}

/** The mean; NaN without values. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function variance(values: readonly number[]): number {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}
