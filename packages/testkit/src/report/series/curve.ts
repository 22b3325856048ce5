import { quantileSorted, sortNumbers } from "../../numbers/index.js";
import type { CurvePoint } from "../run-report.js";

const STEPS = 200;
/** The last per cent is where the tail is: it gets points of its own. */
const TAIL_SHARES = [0.9975, 0.999, 0.9995];

/** The shares at which a curve has a point, ascending from 0 to 1. */
export const CURVE_SHARES: readonly number[] = [
  ...Array.from({ length: STEPS }, (_, index) => index / STEPS),
  ...TAIL_SHARES,
  1,
];

/** Quantiles that draw the cumulative distribution of values; empty without values. */
export function describeCurve(values: readonly number[]): CurvePoint[] {
  if (values.length === 0) return [];
  const sorted = sortNumbers(values);
  return CURVE_SHARES.map((share) => ({ share, value: Math.round(quantileSorted(sorted, share) * 1000) / 1000 }));
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
