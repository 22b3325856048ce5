import { describe, expect, test } from "vitest";
import type { LoadResult } from "../../../src/load/index.js";
import { chooseKind, takeSamples } from "../../../src/load/verdict/run-samples.js";
import { makeRecords, makeResult } from "../results.js";

/** A run whose TTFTs are 0, 1, 2, … ms, and of which every third request fails if wanted. */
const run = (count: number, isFailing = false): Promise<LoadResult> =>
  makeResult(
    makeRecords(count, (index) => ({
      firstMs: index * 10 + index,
      status: isFailing && index % 3 === 0 ? "worker-error" : "ok",
    })),
  );
const ttft = { metric: "ttft", statistic: "p50" } as const;

test("the samples are runs if both sides have five, else parts of runs", () => {
  const runs = (count: number) => Array<LoadResult>(count).fill({} as LoadResult);

  expect(chooseKind(runs(5), runs(5))).toBe("runs");
  expect(chooseKind(runs(4), runs(9))).toBe("batches");
  expect(chooseKind(runs(9), runs(4))).toBe("batches");
});

describe("one value of each run", () => {
  test("is its statistic, or its figure", async () => {
    const runs = [await run(11), await run(21)];

    expect(takeSamples(runs, ttft, "runs")).toEqual([5, 10]);
    expect(takeSamples(runs, { metric: "goodputRatio", statistic: "value" }, "runs")).toEqual([1, 1]);
  });

  test("is missing for all runs if one has too few requests or did not record it", async () => {
    const [good, few] = [await run(11), await run(10)];
    const { ttft: _, ...latency } = good.latency;
    const old = { ...good, latency } as unknown as LoadResult;

    expect(takeSamples([good, few], ttft, "runs")).toBe("not enough samples (have 10, need 11)");
    expect(takeSamples([good, old], ttft, "runs")).toBe("not recorded");
  });
});

describe("parts of a run", () => {
  test("are ten medians of consecutive requests", async () => {
    expect(takeSamples([await run(110)], ttft, "batches")).toEqual([5, 16, 27, 38, 49, 60, 71, 82, 93, 104]);
  });

  test("are fewer if there are fewer than eleven requests for each, and cover all", async () => {
    const samples = takeSamples([await run(60)], ttft, "batches");

    expect(samples).toEqual([5.5, 17.5, 29.5, 41.5, 53.5]);
  });

  test("are taken over all runs together", async () => {
    expect(takeSamples([await run(55), await run(55)], ttft, "batches")).toHaveLength(10);
  });

  test("are too few below five parts of eleven requests", async () => {
    expect(takeSamples([await run(55)], ttft, "batches")).toHaveLength(5);
    expect(takeSamples([await run(54)], ttft, "batches")).toBe(
      "not enough samples (have 54, need 55, or 5 runs on each side)",
    );
  });

  test("of a share are means over all requests, ok or not", async () => {
    const samples = takeSamples([await run(110, true)], { metric: "goodputRatio", statistic: "value" }, "batches");

    expect(samples).toHaveLength(10);
    expect((samples as number[])[0]).toBeCloseTo(7 / 11);
  });

  test("do not exist for rates, tails and pooled latencies", async () => {
    const given = [await run(110)];

    for (const compared of [
      { metric: "requestThroughput", statistic: "value" },
      { metric: "ttft", statistic: "p95" },
      { metric: "itl", statistic: "p50" },
    ] as const)
      expect(takeSamples(given, compared, "batches")).toBe("needs 5 runs on each side");
  });
});
