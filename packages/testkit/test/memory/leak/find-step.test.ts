import { describe, expect, test } from "vitest";
import { findLargestJump, isAboveNoise, levelBefore, removeJump } from "../../../src/memory/leak/find-step.js";
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

describe("isAboveNoise()", () => {
  /** Ten points that alternate by 2, a jump at index 10, and ten more. */
  const noisy = (size: number, after = (y: number, _x: number) => y) =>
    series(
      ...Array.from({ length: 20 }, (_, x) => {
        const y = 100 + (x % 2) * 2 + (x < 10 ? 0 : size);
        return x < 10 ? y : after(y, x);
      }),
    );

  test("needs a jump of more than five times the usual change", () => {
    expect(isAboveNoise(noisy(30), { index: 10, size: 10 })).toBe(false);
    expect(isAboveNoise(noisy(30), { index: 10, size: 10.1 })).toBe(true);
  });

  test("needs every later level above every earlier one; a single point is not a level", () => {
    const fall = (from: number, to: number) => noisy(30, (y, x) => (x >= from && x < to ? 100 : y));

    expect(isAboveNoise(fall(15, 17), { index: 10, size: 30 })).toBe(false);
    expect(isAboveNoise(fall(15, 16), { index: 10, size: 30 })).toBe(true);
  });

  test("a later level that is as high as an earlier one is not above it", () => {
    const flat = (low: number) => series(0, 0, 0, 10, 10, 10, 0, 0, 100, 100, 100, low, low, low);

    expect(isAboveNoise(flat(10), { index: 8, size: 100 })).toBe(false);
    expect(isAboveNoise(flat(11), { index: 8, size: 100 })).toBe(true);
  });
});
