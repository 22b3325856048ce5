import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { median, quantileSorted, sortNumbers } from "../../src/numbers/index.js";

describe("quantileSorted()", () => {
  // numpy 2 `np.quantile(d, q)` of 15, 20, 35, 40, 50, 7.5, 3.25; method "linear", the default.
  test.each([
    [0, 3.25],
    [0.1, 5.8],
    [0.25, 11.25],
    [0.5, 20],
    [0.9, 44],
    [0.95, 47],
    [0.99, 49.4],
    [1, 50],
  ])("the quantile %d matches NumPy", (share, expected) => {
    const sorted = sortNumbers([15, 20, 35, 40, 50, 7.5, 3.25]);

    expect(quantileSorted(sorted, share)).toBeCloseTo(expected, 10);
  });

  test("law: it stays within the range of the values and never decreases with the share", () => {
    const values = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1, maxLength: 50 });
    const share = fc.double({ noNaN: true, min: 0, max: 1 });
    fc.assert(
      fc.property(values, share, share, (given, first, second) => {
        const sorted = sortNumbers(given);
        const low = quantileSorted(sorted, Math.min(first, second));
        const high = quantileSorted(sorted, Math.max(first, second));
        expect(low).toBeGreaterThanOrEqual(sorted[0]!);
        expect(high).toBeLessThanOrEqual(sorted.at(-1)!);
        expect(low).toBeLessThanOrEqual(high + 1e-6);
      }),
    );
  });
});

test("the median of an even number of values is between the two in the middle; an empty list has none", () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNaN();
});
