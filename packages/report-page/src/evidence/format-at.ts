/**
 * A moment in a stream, to a tenth of a millisecond, or to the millisecond from ten seconds on: unlike durations, moments are compared with each
 * other.
 *
 * @example formatAt(45_010.04) // "45.010 s"
 */
export function formatAt(ms: number): string {
  if (Math.abs(ms) >= 10_000) return `${(ms / 1_000).toFixed(3)} s`;
  return `${Math.round(ms * 10) / 10} ms`;
}
