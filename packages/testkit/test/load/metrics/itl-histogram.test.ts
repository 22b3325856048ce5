import { describe, expect, test } from "vitest";
import { ItlHistogram } from "../../../src/load/index.js";

async function histogramOf(valuesMs: Iterable<number>): Promise<ItlHistogram> {
  const histogram = await ItlHistogram.create();
  for (const valueMs of valuesMs) histogram.add(valueMs);
  return histogram;
}

describe("ItlHistogram", () => {
  test("quantiles are within 0.1 % of the exact ones", async () => {
    const values = Array.from({ length: 10_000 }, (_, index) => 0.02 + index * 0.037);
    const histogram = await histogramOf(values);
    for (const share of [0.5, 0.9, 0.99, 0.999]) {
      const exact = values[Math.ceil(share * values.length) - 1]!;
      expect(Math.abs(histogram.quantile(share) / exact - 1)).toBeLessThan(0.001);
    }
  });

  test("parts merge to the same histogram as the whole, also from their encoded form", async () => {
    const values = Array.from({ length: 3_000 }, (_, index) => (index * 7919) % 1000);
    const whole = await histogramOf(values);
    const merged = await histogramOf(values.slice(0, 1000));
    merged.merge(await ItlHistogram.decode((await histogramOf(values.slice(1000))).encode()));

    const { max, ...expected } = whole.describe();

    for (const histogram of [merged, await ItlHistogram.decode(merged.encode())]) {
      expect(histogram.describe()).toMatchObject(expected);
      expect(Math.abs((histogram.describe().max ?? 0) / (max ?? 0) - 1)).toBeLessThan(0.001); // the end of its bucket
    }
  });

  test("events of one chunk have a latency of 0; latencies beyond an hour count as one", async () => {
    const histogram = await histogramOf([0, 0, 5_000_000]);

    expect(histogram.describe()).toMatchObject({ count: 3, min: 0 });
    expect(histogram.quantile(1)).toBeGreaterThan(3_590_000);
  });

  test("an empty one has no number", async () => {
    expect((await histogramOf([])).describe()).toMatchObject({ count: 0, min: null, mean: null, max: null });
  });

  test("the percentiles have the same floors as exact ones", async () => {
    const { percentiles } = (await histogramOf(new Array<number>(20).fill(5))).describe();

    expect(percentiles.p50).toBeCloseTo(5, 2);
    expect(percentiles.p90).toMatchObject({ have: 20, need: 64 });
  });
});
