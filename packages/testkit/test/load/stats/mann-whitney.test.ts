import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rankTest } from "../../../src/load/stats/mann-whitney.js";

// Expected values: scipy 1.17.1, scipy.stats.mannwhitneyu(second, first, alternative, method), with continuity correction.
describe("rankTest() agrees with SciPy", () => {
  test("5 against 6 values, exactly", () => {
    const result = rankTest([12, 15, 11, 18, 14], [13, 21, 19, 24, 23, 20]);

    expect(result).toMatchObject({ u: 27, method: "exact" });
    expect(result.pGreater).toBeCloseTo(0.015151515151515152, 12);
    expect(result.pLess).toBeCloseTo(0.9913419913419913, 12);
  });

  test("5 against 5 values that do not overlap: one order of 252", () => {
    expect(rankTest([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]).pGreater).toBeCloseTo(1 / 252, 12);
  });

  test("many ties, by the normal approximation", () => {
    const result = rankTest([1, 2, 2, 3, 3, 3, 4, 5, 5, 6], [3, 3, 4, 4, 5, 6, 6, 7, 8, 8, 9]);

    expect(result).toMatchObject({ u: 89, method: "normal" });
    expect(result.pGreater).toBeCloseTo(0.008528445052433279, 6);
    expect(result.pLess).toBeCloseTo(0.9929887689958374, 6);
  });

  test("one tie", () => {
    const first = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3];
    const second = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
    const result = rankTest(first, second);

    expect(result.u).toBe(23);
    expect(result.pLess).toBeCloseTo(0.06645972909265946, 6);
  });

  test("25 against 22 values, by the normal approximation", () => {
    const first = [
      8.396, 7.351, 9.503, 10.841, 12.272, 10.219, 8.895, 8.43, 11.497, 13.27, 10.546, 7.533, 8.083, 13.2, 10.406,
      6.536, 9.833, 7.674, 8.741, 9.024, 8.573, 11.107, 9.874, 8.821, 10.819,
    ];
    const second = [
      12.66, 7.714, 10.487, 9.039, 10.654, 8.421, 11.041, 10.924, 10.391, 8.904, 10.208, 8.817, 8.29, 11.45, 8.781,
      13.341, 12.433, 7.004, 11.544, 8.797, 11.066, 11.087,
    ];
    const result = rankTest(first, second);

    expect(result).toMatchObject({ u: 326, method: "normal" });
    expect(result.pGreater).toBeCloseTo(0.1408152858973823, 6);
    expect(result.pLess).toBeCloseTo(0.8638941941768883, 6);
  });
});

describe("rankTest(), laws", () => {
  const samples = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 8 });

  test("exchanging the samples exchanges the directions", () => {
    fc.assert(
      fc.property(samples, samples, (first, second) => {
        const there = rankTest(first, second);
        const back = rankTest(second, first);
        expect(there.u + back.u).toBe(first.length * second.length);
        expect(there.pGreater).toBeCloseTo(back.pLess, 12);
      }),
    );
  });

  test("the exact count matches a brute-force enumeration", () => {
    const distinct = fc.uniqueArray(fc.integer(), { minLength: 2, maxLength: 9 });
    fc.assert(
      fc.property(distinct, fc.integer({ min: 1, max: 8 }), (values, cut) => {
        const size = Math.min(cut, values.length - 1);
        const { pGreater, u } = rankTest(values.slice(0, size), values.slice(size));
        expect(pGreater).toBeCloseTo(countByBruteForce(size, values.length - size, u), 10);
      }),
      { numRuns: 40 },
    );
  });

  test("all-equal values are not significant", () => {
    expect(rankTest([7, 7, 7, 7, 7], [7, 7, 7, 7, 7])).toMatchObject({ pGreater: 1, pLess: 1 });
  });
});

/** Share of all choices of n ranks out of m + n whose U is at least u. */
function countByBruteForce(m: number, n: number, u: number): number {
  let [all, above] = [0, 0];
  for (let mask = 0; mask < 2 ** (m + n); mask += 1) {
    const ranks = Array.from({ length: m + n }, (_, rank) => rank + 1).filter((rank) => mask & (1 << (rank - 1)));
    if (ranks.length !== n) continue;
    all += 1;
    if (ranks.reduce((sum, rank) => sum + rank, 0) - (n * (n + 1)) / 2 >= u) above += 1;
  }
  return above / all;
}
