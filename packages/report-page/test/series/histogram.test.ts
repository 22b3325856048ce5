import { expect, test } from "vitest";
import { binCurve, binValues, roundEdges, shareAt } from "../../src/series/histogram.js";
import { describeCurve } from "../../src/testkit.js";
import { createRandomSource } from "../../../testkit/test/report/random.js";

test("a curve returns the share of the values that is at most x", () => {
  const curve = describeCurve(Array.from({ length: 1_001 }, (_, index) => index));

  expect(shareAt(curve, -1)).toBe(0);
  expect(shareAt(curve, 250)).toBeCloseTo(0.25, 3);
  expect(shareAt(curve, 999)).toBeCloseTo(0.999, 3);
  expect(shareAt(curve, 1_000)).toBe(1);
  expect(shareAt(curve, 5_000)).toBe(1);
  expect(describeCurve([])).toEqual([]);
});

test("a curve of equal values jumps from 0 to 1", () => {
  const curve = describeCurve([7, 7, 7]);

  expect(shareAt(curve, 6.9)).toBe(0);
  expect(shareAt(curve, 7)).toBe(1);
});

test("edges are round and cover the whole range", () => {
  expect(roundEdges(0, 97, 10)).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
  expect(roundEdges(0.12, 0.31, 5)).toEqual([0.1, 0.15, 0.2, 0.25, 0.3, 0.35]);
  expect(roundEdges(5, 5, 10).length).toBeGreaterThan(1);
});

test("the bins of values and of their curve agree, and each adds up to the total", () => {
  const random = createRandomSource(3);
  const values = Array.from({ length: 5_000 }, () => 100 * random.exponential());
  const edges = roundEdges(0, Math.max(...values), 30);
  const [direct, fromCurve] = [binValues(values, edges), binCurve(describeCurve(values), edges)];

  expect(direct.shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
  expect(fromCurve.shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 2);
  for (const [index, share] of direct.shares.entries()) expect(fromCurve.shares[index]).toBeCloseTo(share, 1.5);
});
