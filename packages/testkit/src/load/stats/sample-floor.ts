/** Allowed chance that a percentile is wrong: 99 % confidence. */
const ALPHA = 0.01;

/** Returned in place of a number if there are too few samples for it. */
export interface NotEnoughSamples {
  readonly status: "not-enough-samples";
  readonly have: number;
  readonly need: number;
  /** "not enough samples (have 20, need 64)". */
  readonly message: string;
}

/** The result when there are too few samples for a number. */
export function notEnoughSamples(have: number, need: number): NotEnoughSamples {
  return { status: "not-enough-samples", have, need, message: `not enough samples (have ${have}, need ${need})` };
}

/**
 * How many samples a percentile needs at 99 % confidence: the smallest n for which the early-stopping rule of MLPerf Inference allows one
 * sample above the percentile, P(Binomial(n, 1 - p) ≤ 1) ≤ 0.01. So p50 needs 11, p90 64, p95 130, p99 662, p99.9 6,636. A percentile below
 * the median needs as many as its mirror image.
 *
 * @param share 0..1, both exclusive; 0.99 is p99.
 * @example sampleFloor(0.99) // 662
 */
export function sampleFloor(share: number): number {
  const tail = Math.min(share, 1 - share);
  let [tooFew, enough] = [1, 2];
  while (chanceOfAtMostOne(enough, tail) > ALPHA) [tooFew, enough] = [enough, enough * 2];
  while (enough - tooFew > 1) {
    const middle = (tooFew + enough) >> 1;
    if (chanceOfAtMostOne(middle, tail) > ALPHA) tooFew = middle;
    else enough = middle;
  }
  return enough;
}

function chanceOfAtMostOne(count: number, tail: number): number {
  return Math.exp((count - 1) * Math.log1p(-tail)) * (1 - tail + count * tail);
}
