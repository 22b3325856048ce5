import { describe, expect, test } from "vitest";
import { findSetback } from "../../../src/memory/leak/lasting-growth.js";
import { levelsOf } from "../../../src/memory/leak/levels.js";
import type { Point } from "../../../src/memory/leak/theil-sen.js";
import { median } from "../../../src/numbers/index.js";

const toPoints = (ys: readonly number[]): Point[] => ys.map((y, x) => ({ x, y }));
/** Splits kept points as `measureGrowth()` does. */
const setbackOf = (ys: readonly number[], earlier: readonly number[] = []) => {
  const kept = toPoints(ys);
  const third = Math.floor(kept.length / 3);
  const [first, last] = [kept.slice(0, third), kept.slice(-third)];
  const middleOf = (points: readonly Point[]) => median(points.map(({ y }) => y));
  return findSetback({ earlier: toPoints(earlier), kept, first, last, rise: middleOf(last) - middleOf(first) });
};
/** 21 points, 10 each; medians of the thirds: 30 and 170, so half of the rise is 70. */
const ramp = Array.from({ length: 21 }, (_, index) => 10 * index);
const change = (from: number, to: number, by: number) => ramp.map((y, x) => (x >= from && x < to ? y + by : y));

describe("growth lasts", () => {
  test("if it is regular, whatever came before below it", () => {
    expect(setbackOf(ramp)).toBeUndefined();
    expect(setbackOf(ramp, [0, 0, 0, 0])).toBeUndefined();
  });

  test("although a single point is far above or below", () => {
    expect(setbackOf(change(17, 18, -1_000))).toBeUndefined();
    expect(setbackOf(change(3, 4, 1_000))).toBeUndefined();
    expect(setbackOf(ramp, [0, 5_000, 0])).toBeUndefined();
  });

  test("although it falls by up to half of its rise", () => {
    expect(setbackOf(change(10, 12, -60))).toBeUndefined();
  });
});

describe("growth does not last", () => {
  test("if its lows came back in the last third", () => {
    expect(setbackOf(change(18, 21, -160))).toMatchObject({ kind: "returned" });
    expect(setbackOf(change(18, 21, -160))?.reason).toMatch(/^memory came back to 30 B in the last third$/);
  });

  test("if the memory was nearly as high before", () => {
    expect(setbackOf(ramp, [130, 130, 130])).toMatchObject({
      kind: "fell",
      reason: "it had been at 130 B before and was released",
    });
    expect(setbackOf(ramp, [120, 120, 120])).toBeUndefined();
    expect(setbackOf(change(0, 3, 130))).toMatchObject({ kind: "fell" });
  });

  test("if it fell in the middle third by more than half of its rise", () => {
    const dip = change(9, 13, -200);

    expect(setbackOf(dip)).toMatchObject({ kind: "fell" });
    expect(setbackOf(dip)?.reason).toMatch(/^it fell by \d+ B in between$/);
  });
});

describe("levelsOf()", () => {
  test("is the median of every three successive points", () => {
    expect(levelsOf(toPoints([1, 9, 2, 3, 4]))).toEqual([2, 3, 3]);
  });

  test("of other widths, at least one point and at most all", () => {
    expect(levelsOf(toPoints([1, 2, 3, 4]), 2)).toEqual([1.5, 2.5, 3.5]);
    expect(levelsOf(toPoints([5, 1]), 0)).toEqual([5, 1]);
    expect(levelsOf(toPoints([5, 1]))).toEqual([3]);
  });
});
