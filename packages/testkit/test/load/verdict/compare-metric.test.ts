import { beforeAll, describe, expect, test } from "vitest";
import type { LoadResult } from "../../../src/load/index.js";
import { notEnoughSamples } from "../../../src/load/stats/sample-floor.js";
import { compareMetric } from "../../../src/load/verdict/compare-metric.js";
import { COMPARE_OPTIONS, type CompareOptions } from "../../../src/load/verdict/compare-options.js";
import type { ComparedStatistic } from "../../../src/load/verdict/run-samples.js";
import { resolveOptions } from "../../../src/options/index.js";
import { makeRecords, makeResult } from "../results.js";

let base: LoadResult;
beforeAll(async () => {
  base = await makeResult(makeRecords(20), { client: { eventLoopDelayMs: { p50: 0, p95: 0, p99: 0, max: 0 } } });
});

type Value = LoadResult["latency"]["ttft"]["percentiles"]["p50"];

/** A run with this value of TTFT at every percentile. */
const withTtft = (value: Value): LoadResult => {
  const percentiles = { p50: value, p90: value, p95: value, p99: value, p999: value };
  return { ...base, latency: { ...base.latency, ttft: { ...base.latency.ttft, percentiles } } };
};
const withTpot = (value: number): LoadResult => {
  const percentiles = { ...base.latency.tpot.percentiles, p50: value };
  return { ...base, latency: { ...base.latency, tpot: { ...base.latency.tpot, percentiles } } };
};
const withFigure = (metric: "goodputRatio" | "requestThroughput" | "errorRate", value: number): LoadResult => ({
  ...base,
  figures: { ...base.figures, [metric]: { ...base.figures[metric], value } },
});

const p50: ComparedStatistic = { metric: "ttft", statistic: "p50" };
const compare = (
  [baseline, current]: readonly [readonly LoadResult[], readonly LoadResult[]],
  compared: ComparedStatistic,
  options: CompareOptions = {},
) => compareMetric({ baseline, current }, compared, resolveOptions(COMPARE_OPTIONS, options));

/** Six distinct values around one, whose median is that one. */
const around = (value: number) => [-0.5, -0.3, -0.1, 0.1, 0.3, 0.5].map((part) => value + part);
const ttft = (before: number, after: number, options: CompareOptions & { statistic?: "p50" | "p95" | "p99" } = {}) => {
  const { statistic = "p50", ...rest } = options;
  return compare([around(before).map(withTtft), around(after).map(withTtft)], { metric: "ttft", statistic }, rest);
};
type ComparedFigure = "goodputRatio" | "requestThroughput" | "errorRate";
const figure = (metric: ComparedFigure, before: number[], after: number[]) => errors(before, after, {}, metric);
const errors = (
  ...[before, after, options = {}, metric = "errorRate"]: [number[], number[], CompareOptions?, ComparedFigure?]
) => {
  const [baseline, current] = [before, after].map((values) => values.map((value) => withFigure(metric, value)));
  return compare([baseline!, current!], { metric, statistic: "value" }, options);
};

describe("a latency", () => {
  test("fails if it is worse beyond the tolerance, and reports by how much", () => {
    const comparison = ttft(100, 130);

    expect(comparison).toMatchObject({
      status: "fail",
      metric: "ttft",
      statistic: "p50",
      unit: "ms",
      tolerance: 0.1,
      clientErrorMs: 0,
      samples: { kind: "runs", baseline: around(100), current: around(130) },
    });
    expect(comparison.baseline).toBeCloseTo(100);
    expect(comparison.current).toBeCloseTo(130);
    expect(comparison.worseBy).toBeCloseTo(0.3);
    expect(comparison.shift).toBeCloseTo(30);
    expect(comparison.p).toBeCloseTo(1 / 924, 6);
    expect(comparison.message).toBe("TTFT p50: 100 → 130 ms, 30 % worse, beyond 10 % and significant (p = 0.0011)");
  });

  test("passes if it is better, however much", () => {
    expect(ttft(130, 100)).toMatchObject({
      status: "pass",
      message: "TTFT p50: 130 → 100 ms, 23.1 % better (p = 1.0000)",
    });
  });

  test("passes unchanged", () => {
    expect(ttft(100, 100)).toMatchObject({ status: "pass", worseBy: 0 });
    expect(ttft(100, 100).message).toMatch(/^TTFT p50: 100 → 100 ms, unchanged \(p = /);
    expect(ttft(100, 100.04).message).toContain("100.04 ms, unchanged (");
    expect(ttft(1000, 1000.6).message).toContain(", 0.06 % worse (");
  });

  test("passes exactly at the tolerance", () => {
    const at = (after: number) => compare([Array(6).fill(withTtft(100)), Array(6).fill(withTtft(after))], p50);

    expect(at(110).status).toBe("pass");
    expect(at(110.1).status).toBe("fail");
  });

  test.each(["p95", "p99"] as const)("%s has its own tolerance", (statistic) => {
    expect(ttft(100, 120, { statistic })).toMatchObject({ status: "pass", tolerance: 0.25 });
    expect(ttft(100, 130, { statistic })).toMatchObject({ status: "fail", tolerance: 0.25 });
    expect(ttft(100, 130, { statistic, tailTolerance: 0.5 })).toMatchObject({ status: "pass", tolerance: 0.5 });
  });

  test("passes if the change is not above the resolution of the client", () => {
    const at = (after: number, resolutionMs?: number) =>
      compare([Array(6).fill(withTtft(2)), Array(6).fill(withTtft(after))], p50, { resolutionMs });

    expect(at(3).status).toBe("pass");
    expect(at(3.1).status).toBe("fail");
    expect(at(3, 0.5).status).toBe("fail");
  });

  test("is worse than a baseline of 0, without a ratio", () => {
    const from0 = compare([Array(6).fill(withTtft(0)), Array(6).fill(withTtft(50))], p50);

    expect(from0).toMatchObject({ status: "fail", worseBy: null });
    expect(from0.message).toContain("0 → 50 ms, no relative change from 0, beyond 10 % and significant");
    const still = compare([Array(6).fill(withTtft(0)), Array(6).fill(withTtft(0))], p50);
    expect(still).toMatchObject({ status: "pass", worseBy: 0 });
  });

  test("is inconclusive if the difference is not significant", () => {
    const comparison = ttft(100, 130, { alpha: 0.001 });

    expect(comparison.status).toBe("inconclusive");
    expect(comparison.message).toContain("30 % worse, beyond 10 % but not significant (p = 0.0011)");
  });

  test("is significant at a chance of exactly alpha", () => {
    const p = ttft(100, 130).p ?? NaN;

    expect(ttft(100, 130, { alpha: p }).status).toBe("fail");
  });

  test("is inconclusive if the client itself may have shifted it by as much", () => {
    const busy = (value: number, delayMs: number) => ({
      ...withTtft(value),
      clients: [{ ...base.clients[0]!, eventLoopDelayMs: { p50: delayMs, p95: 0, p99: 0, max: 0 } }],
    });
    const at = (delayMs: number) =>
      compare([Array(6).fill(busy(100, delayMs)), Array(6).fill(busy(130, delayMs))], p50);

    expect(at(29)).toMatchObject({ status: "fail", clientErrorMs: 29 });
    expect(at(30)).toMatchObject({ status: "inconclusive", clientErrorMs: 30 });
    expect(at(30).message).toContain("beyond 10 % but within the client's own error (p = ");
  });

  test("is rounded to hundredths in its message", () => {
    expect(ttft(12.3456, 12.3456).message).toContain("12.35 → 12.35 ms");
  });
});

describe("a figure of the run", () => {
  test("for which higher is better fails if it falls, without a client error", () => {
    const comparison = figure("requestThroughput", around(50), around(30));

    expect(comparison).toMatchObject({ status: "fail", unit: "requests/s", clientErrorMs: null });
    expect(comparison.worseBy).toBeCloseTo(0.4);
    expect(comparison.shift).toBeCloseTo(-20);
    expect(comparison.message).toBe(
      "request throughput: 50 → 30 requests/s, 40 % worse, beyond 10 % and significant (p = 0.0011)",
    );
    expect(figure("requestThroughput", around(30), around(50))).toMatchObject({ status: "pass" });
  });

  test("has no resolution in ms", () => {
    expect(
      figure(
        "requestThroughput",
        around(1).map((value) => value / 2),
        around(0.5).map((value) => value / 10),
      ),
    ).toMatchObject({ status: "fail" });
  });

  test("that is a share is compared by the difference, not relative to the baseline", () => {
    const shares = (value: number) => [0, 1, 2, 3, 4, 5].map((index) => value + index / 500);

    expect(figure("goodputRatio", shares(0.5), shares(0.45))).toMatchObject({ status: "pass" });
    expect(figure("goodputRatio", shares(0.5), shares(0.45)).worseBy).toBeCloseTo(0.05);
    const worse = figure("goodputRatio", shares(0.5), shares(0.3));
    expect(worse.status).toBe("fail");
    expect(worse.message).toBe("goodput ratio: 50.5 % → 30.5 %, 20 % worse, beyond 10 % and significant (p = 0.0011)");
    expect(figure("goodputRatio", shares(0), shares(0.3))).toMatchObject({ status: "pass" });
  });
});

describe("a difference that the runs themselves vary by", () => {
  const spread = (value: number, by: number) => [-2, -1, 0, 1, 2].map((step) => withTtft(value + step * by));

  test("is inconclusive, although the rank test finds it significant", () => {
    // The standard error is √2 × 1.58 / √5 = 1 for a step of 1.
    expect(compare([spread(100, 2), spread(111.9, 2)], p50)).toMatchObject({ status: "inconclusive" });
    expect(compare([spread(100, 2), spread(111.9, 2)], p50).message).toMatch(
      /11\.9 % worse, beyond 10 % but by less than its standard error \(p = 0\.0040\)$/,
    );
    expect(compare([spread(100, 2), spread(112.1, 2)], p50)).toMatchObject({ status: "fail" });
    expect(compare([spread(100, 1), spread(111.9, 1)], p50)).toMatchObject({ status: "fail" });
  });
});

describe("a time per token", () => {
  test.each([0.4, 4])("of %d ms is not hidden by the resolution of a whole request", (ms) => {
    const comparison = compare([Array(6).fill(withTpot(ms)), Array(6).fill(withTpot(ms * 1.5))], {
      metric: "tpot",
      statistic: "p50",
    });

    expect(comparison).toMatchObject({ status: "fail" });
    expect(comparison.worseBy).toBeCloseTo(0.5);
  });

  test("changes below its part of the resolution do not count", () => {
    const at = (ms: number) =>
      compare([Array(6).fill(withTpot(0.1)), Array(6).fill(withTpot(ms))], { metric: "tpot", statistic: "p50" });

    expect(at(0.149).status).toBe("pass");
    expect(at(0.151).status).toBe("fail");
  });
});

describe("the share of failed requests", () => {
  const none = [0, 0, 0, 0, 0];

  test("fails if it rises clearly, however little that is", () => {
    const comparison = figure("errorRate", none, [0.02, 0.03, 0.02, 0.03, 0.04]);

    expect(comparison).toMatchObject({ status: "fail", baseline: 0, tolerance: 0 });
    expect(comparison.current).toBeCloseTo(0.028);
    expect(comparison.message).toMatch(/^error rate: 0 % → 2\.8 %, 2\.8 % worse, beyond 0 % and significant \(p = /);
  });

  test("does not pass if one request fails and none did before", () => {
    expect(figure("errorRate", none, [0, 0, 0.01, 0, 0])).toMatchObject({ status: "inconclusive" });
    expect(figure("errorRate", none, none)).toMatchObject({ status: "pass" });
    expect(figure("errorRate", [0, 0, 0.01, 0, 0], none)).toMatchObject({ status: "pass" });
  });

  test("may rise by what `errorTolerance` allows", () => {
    const rise = [0.02, 0.02, 0.02, 0.02, 0.02];

    expect(errors(none, rise, { errorTolerance: 0.02 })).toMatchObject({ status: "pass" });
    expect(errors(none, rise, { errorTolerance: 0.019 })).toMatchObject({ status: "fail" });
  });

  test("may rise by twice its standard error if requests failed before", () => {
    const before = [0.01, 0.03, 0.02, 0.01, 0.03]; // varies by 0.01, so the standard error of the difference is 0.0063
    const at = (rise: number) =>
      figure(
        "errorRate",
        before,
        before.map((value) => value + rise),
      );

    expect(at(0.0126).status).toBe("pass");
    expect(at(0.0128).status).toBe("inconclusive");
    expect(at(0.05).status).toBe("fail");
  });
});

describe("fewer than five runs on a side", () => {
  test.each([
    [4, 5],
    [5, 4],
    [1, 1],
  ])("%d and %d are not judged, but the difference is reported", (first, second) => {
    const sides = [Array(first).fill(withTtft(100)), Array(second).fill(withTtft(200))] as const;
    const comparison = compare([sides[0] as LoadResult[], sides[1] as LoadResult[]], p50);

    expect(comparison).toMatchObject({ status: "inconclusive", baseline: 100, current: 200, worseBy: 1, p: null });
    expect(comparison.message).toBe(
      `TTFT p50: 100 → 200 ms, 100 % worse; moved, not proven: it takes 5 runs on each side (have ${first} and ${second})`,
    );
  });
});

describe("without samples", () => {
  const few = notEnoughSamples(5, 11);
  const empty = { baseline: null, current: null, worseBy: null, shift: null, p: null };

  test("a median is inconclusive, and reports what is missing on which side", () => {
    for (const sides of [
      [[withTtft(few)], [withTtft(100)]],
      [[withTtft(100)], [withTtft(few)]],
    ] as const)
      expect(compare(sides, p50)).toMatchObject({
        ...empty,
        status: "inconclusive",
        samples: { kind: "runs", baseline: [], current: [] },
        message: "TTFT p50: 50 → 50 ms, unchanged; not judged: not enough samples (have 5, need 11)",
      });
  });

  test("a tail that moved is reported with both values, and as not proven", () => {
    const slower = base.records.map((record) => ({ ...record, firstMs: record.firstMs && record.firstMs + 50 }));
    const sides = [[withTtft(few)], [{ ...withTtft(few), records: slower }]] as const;
    const comparison = compare(sides, { metric: "ttft", statistic: "p95" });

    expect(comparison).toMatchObject({ status: "advisory", observed: { baseline: 50, current: 100, worseBy: 1 } });
    expect(comparison.message).toBe(
      "TTFT p95: 50 → 100 ms, 100 % worse; moved, not proven: not enough samples (have 5, need 11)",
    );
  });

  test.each(["p95", "p99"] as const)("%s is advisory: it needs more samples than most runs have", (statistic) => {
    const sides = [[withTtft(few)], [withTtft(100)]] as const;

    expect(compare(sides, { metric: "ttft", statistic })).toMatchObject({ ...empty, status: "advisory" });
  });

  test("a metric that a side was stored without is not comparable, and the side is named", () => {
    const { ttft: _, ...latency } = base.latency;
    const old = { ...base, latency } as unknown as LoadResult;
    const messages = [compare([[old], [base]], p50), compare([[base], [old]], p50), compare([[old], [old]], p50)].map(
      ({ status, message, p }) => [status, message, p],
    );

    expect(messages).toEqual([
      ["not-comparable", "not comparable: the baseline lacks time to first token", null],
      ["not-comparable", "not comparable: the current run lacks time to first token", null],
      ["not-comparable", "not comparable: the baseline and the current run lack time to first token", null],
    ]);
  });
});
