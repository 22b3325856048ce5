import { expect, test } from "vitest";
import { meanOf, standardError } from "../../../src/load/stats/standard-error.js";

test("the standard error of a difference is that of both means together", () => {
  expect(standardError([1, 2, 3], [1, 2, 3])).toBeCloseTo(Math.sqrt(2 / 3), 12);
  expect(standardError([0, 10], [5, 5, 5, 5])).toBeCloseTo(5, 12);
  expect(standardError([7, 7], [9, 9])).toBe(0);
});

test("the mean", () => {
  expect(meanOf([1, 2, 6])).toBe(3);
  expect(meanOf([])).toBeNaN();
});
