/** Above this combined sample size, the normal approximation is as good as exact counting. */
const EXACT_UP_TO = 40;

/** Result of a rank test of whether `second` tends to be greater than `first`. */
export interface RankTest {
  /** Pairs in which the value of `second` is greater; a tie counts half. */
  readonly u: number;
  /** One-sided: the chance of a U at least as large, if both came from the same distribution. */
  readonly pGreater: number;
  /** One-sided, in the other direction. */
  readonly pLess: number;
  readonly method: "exact" | "normal";
}

/**
 * The rank test of Mann and Whitney (1947), one-sided both ways. Small samples without ties are counted exactly; others use the normal
 * approximation, corrected for ties and continuity.
 *
 * @param first at least one value. @param second at least one value.
 * @example rankTest([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]).pGreater // 1 / 252
 */
export function rankTest(first: readonly number[], second: readonly number[]): RankTest {
  const { u, tieSum } = rank(first, second);
  const [m, n] = [first.length, second.length];
  if (tieSum === 0 && m + n <= EXACT_UP_TO) {
    return { u, pGreater: exactTail(m, n, u), pLess: exactTail(m, n, m * n - u), method: "exact" };
  }
  const total = m + n;
  const variance = ((m * n) / 12) * (total + 1 - tieSum / (total * (total - 1)));
  const tail = (value: number) => (variance > 0 ? normalTail((value - (m * n) / 2 - 0.5) / Math.sqrt(variance)) : 1); // all values are the same
  return { u, pGreater: tail(u), pLess: tail(m * n - u), method: "normal" };
}

/** U of the second sample, and Σ t³ − t over the groups of t equal values. */
function rank(first: readonly number[], second: readonly number[]): { u: number; tieSum: number } {
  const all = [...first.map((value) => ({ value, own: 0 })), ...second.map((value) => ({ value, own: 1 }))];
  all.sort((a, b) => a.value - b.value);
  let rankSum = 0;
  let tieSum = 0;
  for (let start = 0; start < all.length;) {
    let end = start;
    let ownCount = 0;
    for (; end < all.length && all[end]?.value === all[start]?.value; end += 1) ownCount += all[end]?.own ?? 0;
    const size = end - start;
    rankSum += ownCount * ((start + 1 + end) / 2);
    tieSum += size ** 3 - size;
    start = end;
  }
  return { u: rankSum - (second.length * (second.length + 1)) / 2, tieSum };
}

/** P(U ≥ u), by counting the orders of m and n values for each U. */
function exactTail(m: number, n: number, u: number): number {
  const counts = countOrders(m, n);
  let [above, all] = [0, 0];
  for (const [value, count] of counts.entries()) {
    all += count;
    if (value >= u) above += count;
  }
  return above / all;
}

/**
 * Number of orders for each U: the coefficients of the Gaussian binomial, ∏ (1 − q^(n+i)) / (1 − q^i). Up to 40 values they are whole
 * numbers below 2^53.
 */
function countOrders(m: number, n: number): Float64Array {
  const counts = new Float64Array(m * n + 1);
  counts[0] = 1;
  for (let i = 1; i <= m; i += 1) {
    for (let at = m * n; at >= n + i; at -= 1) counts[at] = (counts[at] ?? 0) - (counts[at - n - i] ?? 0);
    for (let at = i; at <= m * n; at += 1) counts[at] = (counts[at] ?? 0) + (counts[at - i] ?? 0);
  }
  return counts;
}

/** P(Z ≥ z) of the normal distribution; relative error below 1.2e-7 (complementary error function, Numerical Recipes' erfcc). */
function normalTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.5 * x);
  const coefficients = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
    0.17087277,
  ];
  const series = coefficients.reduceRight((sum, coefficient) => sum * t + coefficient, 0);
  const tail = (t * Math.exp(-x * x + series)) / 2;
  return z >= 0 ? tail : 1 - tail;
}
