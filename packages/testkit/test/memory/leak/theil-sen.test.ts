import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fitTheilSen, type Confidence, type Point } from "../../../src/memory/leak/theil-sen.js";

/**
 * Slope, intercept, low and high of `scipy.stats.theilslopes(y, x, alpha)` (default method "separate"), SciPy 1.17.1, printed once
 * with Python. The confidence is its `alpha`.
 */
const SCIPY: readonly { name: string; x: number[]; y: number[]; lines: Record<Confidence, number[]> }[] = [
  {
    name: "no ties",
    x: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    y: [3.1, 2.8, 4.9, 5.2, 4.7, 7.7, 6.6, 8.9, 9.1, 12.4],
    lines: {
      0.9: [0.92, 0.84, 0.6333333333333334, 1.2],
      0.95: [0.92, 0.84, 0.6, 1.2],
      0.99: [0.92, 0.84, 0.425, 1.4],
    },
  },
  {
    name: "ties in y",
    x: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    y: [5, 5, 6, 6, 6, 7, 7, 9, 9, 9, 9, 12],
    lines: {
      0.9: [0.5, 4.25, 0.4, 0.6666666666666666],
      0.95: [0.5, 4.25, 0.375, 0.6666666666666666],
      0.99: [0.5, 4.25, 0.3333333333333333, 0.75],
    },
  },
  {
    name: "ties in x and y",
    x: [1, 1, 2, 2, 3, 4, 4, 5, 7, 9],
    y: [2, 3, 3, 5, 4, 6, 8, 7, 11, 9],
    lines: {
      0.9: [1, 2, 0.75, 1.5],
      0.95: [1, 2, 0.6, 1.6666666666666667],
      0.99: [1, 2, 0.5, 2],
    },
  },
  {
    name: "many ties in x and y, which narrow the interval",
    x: [0, 0, 0, 0, 0, 7, 7, 7, 11, 11, 11, 11],
    y: [1, 3, 3, 3, 8, 8, 3, 8, 8, 14, 3, 14],
    lines: {
      0.9: [7 / 11, 11.5 / 11, 0, 1],
      0.95: [7 / 11, 11.5 / 11, 0, 1],
      0.99: [7 / 11, 11.5 / 11, 0, 1.25],
    },
  },
  {
    name: "a flat line",
    x: [1, 2, 3, 4, 5, 6, 7, 8],
    y: [4, 4, 4, 4, 4, 4, 4, 4],
    lines: { 0.9: [0, 4, 0, 0], 0.95: [0, 4, 0, 0], 0.99: [0, 4, 0, 0] },
  },
  {
    name: "a falling line",
    x: [10, 20, 30, 40, 50, 60, 70],
    y: [91, 80, 77, 61, 52, 48, 30],
    lines: {
      0.9: [-0.975, 100, -1.1, -0.8],
      0.95: [-0.975, 100, -1.175, -0.7],
      0.99: [-0.975, 100, -1.6, -0.4],
    },
  },
  {
    name: "one wild point",
    x: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    y: [1, 2, 3, 4, 5, 600, 7, 8, 9, 10, 11, 12],
    lines: { 0.9: [1, 1, 1, 1], 0.95: [1, 1, 1, 1], 0.99: [1, 1, 1, 1] },
  },
];

const toPoints = (x: readonly number[], y: readonly number[]): Point[] =>
  x.map((one, index) => ({ x: one, y: y[index]! }));

describe.each(SCIPY)("$name", ({ x, y, lines }) => {
  test.each([0.9, 0.95, 0.99] as const)("the line and its interval at %s match SciPy", (confidence) => {
    const line = fitTheilSen(toPoints(x, y), confidence);
    const [slope, intercept, low, high] = lines[confidence] as [number, number, number, number];

    expect(line.slope).toBeCloseTo(slope, 12);
    expect(line.low).toBeCloseTo(low, 12);
    expect(line.high).toBeCloseTo(high, 12);
    // With ties in x SciPy takes the same medians; "separate" is median(y) − slope × median(x).
    expect(line.intercept).toBeCloseTo(intercept, 12);
  });
});

const series = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 3, maxLength: 30 });

test("adding a line to a series adds its slope to the fit and to the interval", () => {
  fc.assert(
    fc.property(series, fc.integer({ min: -50, max: 50 }), (ys, slope) => {
      const plain = fitTheilSen(
        ys.map((y, x) => ({ x, y })),
        0.95,
      );
      const tilted = fitTheilSen(
        ys.map((y, x) => ({ x, y: y + slope * x })),
        0.95,
      );
      expect(tilted.slope).toBeCloseTo(plain.slope + slope, 9);
    }),
  );
});

test("the order of the points does not matter", () => {
  fc.assert(
    fc.property(series, (ys) => {
      const points = ys.map((y, x) => ({ x, y }));
      expect(fitTheilSen([...points].reverse(), 0.95)).toEqual(fitTheilSen(points, 0.95));
    }),
  );
});

test("the slope lies within its interval, and a higher confidence is wider", () => {
  fc.assert(
    fc.property(series, (ys) => {
      const points = ys.map((y, x) => ({ x, y }));
      const [usual, sure] = [fitTheilSen(points, 0.95), fitTheilSen(points, 0.99)];
      expect(usual.low).toBeLessThanOrEqual(usual.slope);
      expect(usual.high).toBeGreaterThanOrEqual(usual.slope);
      expect(sure.low).toBeLessThanOrEqual(usual.low);
      expect(sure.high).toBeGreaterThanOrEqual(usual.high);
    }),
  );
});

test("a flat line has a slope of 0, never −0, regardless of the order of its points", () => {
  const points = [3, 2, 1].map((x) => ({ x, y: 7 }));
  expect(fitTheilSen(points, 0.95)).toEqual({ slope: 0, low: 0, high: 0, intercept: 7 });
});

test("points with equal x have no slope", () => {
  expect(
    fitTheilSen(
      [
        { x: 1, y: 1 },
        { x: 1, y: 2 },
      ],
      0.95,
    ),
  ).toEqual({ slope: NaN, low: NaN, high: NaN, intercept: NaN });
});
