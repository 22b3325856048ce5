import { describe, expect, test } from "vitest";
import { notEnoughSamples, sampleFloor } from "../../../src/load/stats/sample-floor.js";

/**
 * P(Binomial(n, tail) ≤ 1) ≤ 1/100 in whole numbers, without any rounding: tail = 1/parts, so that it is
 * ((parts - 1)^n + n (parts - 1)^(n - 1)) / parts^n.
 */
function isEnough(count: number, parts: bigint): boolean {
  const n = BigInt(count);
  const atMostOne = (parts - 1n) ** n + n * (parts - 1n) ** (n - 1n);
  return atMostOne * 100n <= parts ** n;
}

describe("the floors of MLPerf's early stopping", () => {
  test.each<[number, bigint, number]>([
    [0.5, 2n, 11],
    [0.9, 10n, 64],
    [0.95, 20n, 130],
    [0.99, 100n, 662],
    [0.999, 1000n, 6636],
  ])("the percentile %d needs the number given by exact arithmetic, and not one less", (share, parts, floor) => {
    expect(sampleFloor(share)).toBe(floor);
    expect(isEnough(floor, parts)).toBe(true);
    expect(isEnough(floor - 1, parts)).toBe(false);
  });

  test("a percentile below the median needs as many samples as its mirror image", () => {
    expect(sampleFloor(0.25)).toBe(sampleFloor(0.75));
    expect(sampleFloor(0.75)).toBe(24); // scipy.stats.binom.cdf(1, 24, 0.25) ≤ 0.01 < binom.cdf(1, 23, 0.25)
  });
});

test("instead of a value, the result has the number of samples and the number needed", () => {
  expect(notEnoughSamples(20, 64)).toEqual({
    status: "not-enough-samples",
    have: 20,
    need: 64,
    message: "not enough samples (have 20, need 64)",
  });
});
