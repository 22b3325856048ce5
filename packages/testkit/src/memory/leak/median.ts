/** Median of numbers, the mean of the two middle ones for an even count; `NaN` of none. */
export function medianOf(values: readonly number[]): number {
  return medianOfSorted(Float64Array.from(values).sort());
}

/** The same for numbers in ascending order. */
export function medianOfSorted(sorted: Float64Array): number {
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}
