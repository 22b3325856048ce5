import { median, quantileSorted } from "../../numbers/index.js";

/** A point of a series. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A line through points, with the interval of its slope. */
export interface TheilSenLine {
  readonly slope: number;
  /** Ends of the confidence interval of the slope. */
  readonly low: number;
  readonly high: number;
  /** `median(y) − slope × median(x)`. */
  readonly intercept: number;
}

/** The confidence level. */
export type Confidence = 0.9 | 0.95 | 0.99;

/** Two-sided quantiles of the normal distribution. */
const QUANTILES: Readonly<Record<Confidence, number>> = {
  0.9: 1.6448536269514722,
  0.95: 1.959963984540054,
  0.99: 2.5758293035489004,
};

/**
 * The Theil–Sen line: its slope is the median of the slopes of all pairs, so that up to 29 % outliers do not move it. The
 * interval is from Sen (1968), equation 2.6: the ranks of the pairs' slopes at which Kendall's S, in its normal
 * approximation with the correction for ties, would no longer be significant. Pairs with equal `x` are left out. Quadratic
 * in time and memory: 1,000 points are 500,000 pairs.
 *
 * Without two different values of `x`, every number is `NaN`.
 */
export function fitTheilSen(points: readonly Point[], confidence: Confidence): TheilSenLine {
  const slopes = pairSlopes(points).sort();
  const slope = quantileSorted(slopes, 0.5);
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const reach = QUANTILES[confidence] * Math.sqrt(Math.max(0, varianceOfS(xs, ys)));
  // SciPy rounds halves to even. There is a half only without any reach, where the slopes around the middle are all the same.
  const lowRank = Math.max(Math.round((slopes.length - reach) / 2) - 1, 0);
  const highRank = Math.min(Math.round((slopes.length + reach) / 2), slopes.length - 1);
  return {
    slope,
    low: slopes[lowRank] ?? NaN,
    high: slopes[highRank] ?? NaN,
    intercept: median(ys) - slope * median(xs),
  };
}

function pairSlopes(points: readonly Point[]): Float64Array {
  const slopes: number[] = [];
  for (const [index, first] of points.entries()) {
    for (const second of points.slice(index + 1)) {
      if (second.x !== first.x) slopes.push((second.y - first.y) / (second.x - first.x) + 0); // never −0
    }
  }
  return Float64Array.from(slopes);
}

/** The variance of Kendall's S with ties in `x` and in `y`. */
function varianceOfS(xs: readonly number[], ys: readonly number[]): number {
  const term = (count: number): number => count * (count - 1) * (2 * count + 5);
  const ties = [...countTies(xs), ...countTies(ys)].reduce((sum, count) => sum + term(count), 0);
  return (term(xs.length) - ties) / 18;
}

/** How often each value occurs; one that occurs once adds nothing to the variance. */
function countTies(values: readonly number[]): number[] {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts.values()];
}
