import { describe, expect, test } from "vitest";
import type { LoadResult } from "../../../src/load/index.js";
import { takeSamples } from "../../../src/load/verdict/run-samples.js";
import { makeRecords, makeResult } from "../results.js";

/** A run whose TTFTs are 0, 1, 2, … ms. */
const run = (count: number): Promise<LoadResult> =>
  makeResult(makeRecords(count, (index) => ({ firstMs: index * 10 + index })));
const ttft = { metric: "ttft", statistic: "p50" } as const;

describe("one value of each run", () => {
  test("is its statistic, or its figure", async () => {
    const runs = [await run(11), await run(21)];

    expect(takeSamples(runs, ttft)).toEqual([5, 10]);
    expect(takeSamples(runs, { metric: "goodputRatio", statistic: "value" })).toEqual([1, 1]);
  });

  test("is missing for all runs if one has too few requests or did not record it", async () => {
    const [good, few] = [await run(11), await run(10)];
    const { ttft: _, ...latency } = good.latency;
    const old = { ...good, latency } as unknown as LoadResult;

    expect(takeSamples([good, few], ttft)).toBe("not enough samples (have 10, need 11)");
    expect(takeSamples([good, old], ttft)).toBe("not recorded");
  });
});
