import { quantileSorted, sortNumbers } from "../numbers/index.js";
import type { CurvePoint } from "./run-report.js";

const STEPS = 200;
/** Extra points for the last per cent, where the tail is. */
const TAIL_SHARES = [0.9975, 0.999, 0.9995];

/** The shares at which a curve has a point, ascending from 0 to 1. */
export const CURVE_SHARES: readonly number[] = [
  ...Array.from({ length: STEPS }, (_, index) => index / STEPS),
  ...TAIL_SHARES,
  1,
];

/** Quantiles for a plot of the cumulative distribution; empty without values. */
export function describeCurve(values: readonly number[]): CurvePoint[] {
  if (values.length === 0) return [];
  const sorted = sortNumbers(values);
  return CURVE_SHARES.map((share) => ({ share, value: Math.round(quantileSorted(sorted, share) * 1000) / 1000 }));
}
