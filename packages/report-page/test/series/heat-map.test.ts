import { expect, test } from "vitest";
import { describeHeatMap } from "../../src/series/heat-map.js";

/** So many requests, one every `everyMs`. */
function points(count: number, everyMs: number, { fromMs = 0, valueMs = 100 } = {}) {
  return Array.from({ length: count }, (_, index) => ({ atMs: fromMs + index * everyMs, valueMs }));
}

test("each column has the same number of requests, whatever the rate", () => {
  const busyThenQuiet = [...points(100, 10), ...points(20, 1000, { fromMs: 1000 })];

  const map = describeHeatMap(busyThenQuiet, 21_000)!;

  const sums = map.columns.map(({ counts }) => counts.reduce((sum, count) => sum + count, 0));
  expect(map.columns).toHaveLength(24);
  expect(new Set(sums)).toEqual(new Set([5]));
  expect(map.columns[0]).toMatchObject({ fromMs: 0, toMs: 50 });
  expect(map.columns.at(-1)).toMatchObject({ fromMs: 16_000, toMs: 21_000 });
});

test("a cell has the requests of its latency, and the longest one is in the highest row", () => {
  const map = describeHeatMap([...points(12, 1, { valueMs: 10 }), { atMs: 20, valueMs: 240 }], 30)!;

  expect(map.rowMs).toBe(10);
  expect(map.columns).toHaveLength(2);
  expect(map.columns[0]!.counts.slice(0, 3)).toEqual([0, 6, 0]);
  expect(map.columns[1]).toMatchObject({ medianMs: 10, longestMs: 240 });
  expect(map.columns[1]!.counts[23]).toBe(1);
  expect(map.most).toBe(6);
});

test("a large run has at most 60 columns", () => {
  expect(describeHeatMap(points(10_000, 1), 10_000)!.columns).toHaveLength(60);
});

test("a few requests have no heat map", () => {
  expect(describeHeatMap(points(9, 1), 10)).toBeUndefined();
});
