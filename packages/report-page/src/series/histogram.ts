import type { CurvePoint } from "../testkit.js";

const STEPS_OF_TEN = [1, 2, 2.5, 5, 10];

/** Shares of values in bins of equal width. */
export interface Bins {
  /** Lower edges, and the upper edge of the last bin. */
  readonly edges: readonly number[];
  /** One less than edges; each 0..1, together 1 less what lies outside. */
  readonly shares: readonly number[];
}

/**
 * Edges at round numbers around the range, about `wanted` of them.
 *
 * @example roundEdges(0, 97, 10) // [0, 10, 20, …, 100]
 */
export function roundEdges(low: number, high: number, wanted: number): number[] {
  const width = high > low ? (high - low) / wanted : Math.max(Math.abs(high) * 0.1, 1) / wanted;
  const power = 10 ** Math.floor(Math.log10(width));
  const step = power * (STEPS_OF_TEN.find((factor) => factor * power >= width * 0.999) ?? 10);
  const first = Math.floor(low / step);
  const last = Math.max(Math.floor(high / step) + 1, first + 1);
  return Array.from({ length: last - first + 1 }, (_, index) => toPlain((first + index) * step));
}

/** The share of values that are at most `value`, by interpolation between the points. */
export function shareAt(curve: readonly CurvePoint[], value: number): number {
  const first = curve[0];
  if (first === undefined || value < first.value) return 0;
  let [low, high] = [0, curve.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((curve[middle]?.value ?? Infinity) <= value) low = middle;
    else high = middle - 1;
  }
  const [below, above] = [curve[low] ?? first, curve[low + 1]];
  if (above === undefined) return 1;
  return below.share + ((value - below.value) / (above.value - below.value)) * (above.share - below.share);
}

/** The value that a share of the values is at most; NaN without points. */
export function shareToValue(curve: readonly CurvePoint[], share: number): number {
  const above = curve.findIndex((point) => point.share >= share);
  const [below, next] = [curve[above - 1], curve[above]];
  if (next === undefined) return curve.at(-1)?.value ?? NaN;
  if (below === undefined || next.share === share) return next.value;
  return below.value + ((share - below.share) / (next.share - below.share)) * (next.value - below.value);
}

/** How much of a cumulative distribution falls into each bin. */
export function binCurve(curve: readonly CurvePoint[], edges: readonly number[]): Bins {
  const atEdges = edges.map((edge) => shareAt(curve, edge));
  return { edges, shares: edges.slice(1).map((_, index) => (atEdges[index + 1] ?? 0) - (atEdges[index] ?? 0)) };
}

/** How much of the values falls into each bin; the upper edge belongs to the next one. */
export function binValues(values: readonly number[], edges: readonly number[]): Bins {
  const [first = 0, second = 1] = edges;
  const counts = new Array<number>(edges.length - 1).fill(0);
  for (const value of values) {
    const bin = Math.floor((value - first) / (second - first) + 1e-9);
    if (bin >= 0 && bin < counts.length) counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { edges, shares: counts.map((count) => (values.length === 0 ? 0 : count / values.length)) };
}

/** Sums of steps have tails like 0.30000000000000004. */
function toPlain(value: number): number {
  return Number(value.toPrecision(12));
}
