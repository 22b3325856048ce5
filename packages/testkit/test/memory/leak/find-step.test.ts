import { describe, expect, test } from "vitest";
import { findLargestJump, levelBefore, removeJump } from "../../../src/memory/leak/find-step.js";
import type { Point } from "../../../src/memory/leak/theil-sen.js";

const series = (...ys: readonly number[]): Point[] => ys.map((y, x) => ({ x, y }));

describe("findLargestJump()", () => {
  test("names the first point on the new level, and the size", () => {
    expect(findLargestJump(series(100, 100, 100, 100, 150, 150, 150))).toEqual({ index: 4, size: 50 });
  });

  test("of two jumps the larger one, and of two equal ones the first", () => {
    expect(findLargestJump(series(1, 1, 1, 3, 3, 3, 9, 9, 9))).toEqual({ index: 6, size: 6 });
    expect(findLargestJump(series(1, 1, 1, 3, 3, 3, 5, 5, 5))).toEqual({ index: 3, size: 2 });
  });

  test("a level that stays or falls has none", () => {
    expect(findLargestJump(series(5, 5, 5, 5, 5))).toBeUndefined();
    expect(findLargestJump(series(9, 9, 9, 5, 5, 5))).toBeUndefined();
    expect(findLargestJump([])).toBeUndefined();
  });

  test("needs two points on each side", () => {
    expect(findLargestJump(series(1, 1, 1, 1, 9, 9))).toEqual({ index: 4, size: 8 });
    expect(findLargestJump(series(1, 1, 9, 9, 9, 9))).toEqual({ index: 2, size: 8 });
    expect(findLargestJump(series(1, 1, 1, 1, 1, 9))).toBeUndefined();
    expect(findLargestJump(series(1, 9, 9, 9, 9, 9))).toBeUndefined();
  });

  test("a spike is not a jump", () => {
    expect(findLargestJump(series(100, 100, 100, 100, 100, 150, 100, 100, 100, 100))).toBeUndefined();
  });

  test("a slope is a jump of one step of it, not of the difference of the levels", () => {
    expect(findLargestJump(series(0, 10, 20, 30, 40, 50, 60))).toMatchObject({ size: 10 });
  });
});

test("removeJump() lowers the points from the jump on", () => {
  expect(removeJump(series(1, 2, 9, 8), { index: 2, size: 6 })).toEqual(series(1, 2, 3, 2));
});

test("levelBefore() is the median of at most five points before a place", () => {
  expect(levelBefore(series(90, 90, 90, 1, 2, 3, 4, 5, 70), 8)).toBe(3);
  expect(levelBefore(series(4, 8, 90), 2)).toBe(6);
});
