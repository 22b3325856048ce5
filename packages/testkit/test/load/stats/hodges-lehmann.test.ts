import { expect, test } from "vitest";
import { shiftBetween } from "../../../src/load/stats/hodges-lehmann.js";

test("the shift is the median of all pairwise differences", () => {
  // numpy: np.median(np.subtract.outer(second, first)) = 6.5
  expect(shiftBetween([12, 15, 11, 18, 14], [13, 21, 19, 24, 23, 20])).toBe(6.5);
});

test("one outlier does not move it", () => {
  expect(shiftBetween([1, 2, 3, 4, 5], [11, 12, 13, 14, 100_000])).toBe(10);
});
