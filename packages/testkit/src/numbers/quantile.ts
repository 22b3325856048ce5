/**
 * The exact quantile of sorted values with linear interpolation (type 7 of Hyndman and Fan 1996, the default of R and NumPy).
 *
 * @param sorted in ascending order, at least one.
 * @param share 0..1
 * @example quantileSorted([1, 2, 3, 4], 0.5) // 2.5
 */
export function quantileSorted(sorted: ArrayLike<number>, share: number): number {
  const position = (sorted.length - 1) * share;
  const below = Math.floor(position);
  const lower = sorted[below] ?? NaN;
  const upper = sorted[Math.min(below + 1, sorted.length - 1)] ?? NaN;
  // Not `lower + (upper - lower) * part`: rounding could leave the range of the two values.
  const part = position - below;
  return part === 0 ? lower : lower * (1 - part) + upper * part;
}

/** Sorted copy. */
export function sortNumbers(values: Iterable<number>): Float64Array {
  return Float64Array.from(values).sort();
}

/** The median; NaN without values. */
export function median(values: Iterable<number>): number {
  return quantileSorted(sortNumbers(values), 0.5);
}
