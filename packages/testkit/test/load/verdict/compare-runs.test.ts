import { describe, expect, test } from "vitest";
import { compareRuns, type LoadResult, type RunComparison } from "../../../src/load/index.js";
import type { MetricComparison } from "../../../src/load/verdict/compare-metric.js";
import { draw } from "../../../src/load/schedule/draws.js";
import { makeRecords, makeResult, type ResultFacts } from "../results.js";

/** A run whose TTFT, TPOT and E2E are `factor` times the usual; single requests vary by ±10 %, runs by ±`runNoise`. */
function makeRun(
  seed: number,
  factor = 1,
  { count = 60, runNoise = 0.02, ...facts }: ResultFacts & { count?: number; runNoise?: number } = {},
) {
  const noise = (name: string, index: number, width: number) => 1 + (2 * draw(BigInt(seed), name, index) - 1) * width;
  const run = factor * noise("run", 0, runNoise);
  const records = makeRecords(count, (index) => {
    const firstMs = index * 10 + 50 * run * noise("ttft", index, 0.1);
    return { firstMs, lastMs: firstMs + 200 * run * noise("tpot", index, 0.1) };
  });
  return makeResult(records, { itlMs: new Array<number>(60).fill(10 * run), ...facts });
}

function makeRuns(from: number, factor = 1, facts: Parameters<typeof makeRun>[2] = {}): Promise<LoadResult[]> {
  return Promise.all(Array.from({ length: 5 }, (_, index) => makeRun(from + index, factor, facts)));
}

function find({ metrics }: RunComparison, metric: string, statistic = "p50"): MetricComparison {
  const found = metrics.find((compared) => compared.metric === metric && compared.statistic === statistic);
  if (found === undefined) throw new Error(`no ${metric} in ${metrics.map((compared) => compared.metric).join(", ")}`);
  return found;
}

describe("five runs on each side", () => {
  test("equal builds pass, 30 % slower ones fail, 30 % faster ones pass", async () => {
    const baseline = await makeRuns(100);

    expect(compareRuns(baseline, await makeRuns(200)).status).toBe("pass");
    expect(compareRuns(baseline, await makeRuns(200, 1.3)).status).toBe("fail");
    expect(compareRuns(baseline, await makeRuns(200, 0.7)).status).toBe("pass");
  });

  test("the numbers of a metric are those of the runs", async () => {
    const tpot = find(
      compareRuns(await makeRuns(100, 1, { runNoise: 0 }), await makeRuns(200, 1.3, { runNoise: 0 })),
      "tpot",
    );

    expect(tpot).toMatchObject({ status: "fail", unit: "ms", tolerance: 0.1, samples: { kind: "runs" } });
    expect(tpot.samples.baseline).toHaveLength(5);
    expect(tpot.baseline).toBeGreaterThan(9);
    expect(tpot.worseBy).toBeGreaterThan(0.25);
    expect(tpot.worseBy).toBeLessThan(0.35);
    expect(tpot.shift).toBeGreaterThan(2);
    expect(tpot.p).toBeCloseTo(1 / 252, 5);
  });

  test("worse within the tolerance passes, however significant", async () => {
    const comparison = compareRuns(await makeRuns(100, 1, { runNoise: 0 }), await makeRuns(200, 1.07, { runNoise: 0 }));

    expect(find(comparison, "tpot")).toMatchObject({ status: "pass" });
    expect(find(comparison, "tpot").p).toBeLessThan(0.01);
    expect(comparison.status).toBe("pass");
  });

  test("worse beyond the tolerance is inconclusive where the runs vary as much", async () => {
    const runs = (factors: number[]) =>
      Promise.all(factors.map((factor, index) => makeRun(index, factor, { runNoise: 0 })));
    const comparison = compareRuns(await runs([0.6, 0.8, 1, 1.2, 1.4]), await runs([0.75, 0.95, 1.25, 1.3, 1.6]));

    expect(find(comparison, "tpot")).toMatchObject({ status: "inconclusive" });
    expect(find(comparison, "tpot").message).toContain("but not significant");
    expect(comparison.status).toBe("inconclusive");
  });

  test("worse by less than the client's own error is inconclusive", async () => {
    const client = { eventLoopDelayMs: { p50: 30, p95: 30, p99: 30, max: 30 } };
    const comparison = compareRuns(await makeRuns(100, 1, { client }), await makeRuns(200, 1.3, { client }));

    expect(find(comparison, "ttftFromSchedule")).toMatchObject({ status: "inconclusive", clientErrorMs: 30 });
    expect(find(comparison, "ttftFromSchedule").message).toContain("within the client's own error");
    expect(find(comparison, "tpot")).toMatchObject({ status: "fail", clientErrorMs: 1.5 });
  });

  test("changes below the resolution of the client do not count", async () => {
    const tiny = (factor: number) =>
      makeRuns(100, factor / 100, { client: { eventLoopDelayMs: { p50: 0, p95: 0, p99: 0, max: 0 } } });
    const comparison = compareRuns(await tiny(1), await tiny(1.5));

    expect(find(comparison, "ttftFromSchedule")).toMatchObject({ status: "pass" });
    expect(compareRuns(await tiny(1), await tiny(1.5), { resolutionMs: 0 }).status).toBe("fail");
  });

  test("rates and shares: lower is worse", async () => {
    const half = (index: number) => ({ status: index % 2 === 0 ? ("ok" as const) : ("worker-error" as const) });
    const failing = await Promise.all([1, 2, 3, 4, 5].map(() => makeResult(makeRecords(60, half))));
    const comparison = compareRuns(await makeRuns(100), failing);

    expect(find(comparison, "requestThroughput", "value")).toMatchObject({ status: "fail" });
    expect(find(comparison, "goodputRatio", "value")).toMatchObject({ status: "fail", worseBy: 0.5 });
    expect(comparison.status).toBe("fail");
  });

  test("p95 is advisory below its floor and counts above it", async () => {
    const slowTail = (index: number) => (index % 10 === 0 ? { firstMs: index * 10 + 150 } : {});
    const runs = (fields: Parameters<typeof makeRecords>[1]) =>
      Promise.all([1, 2, 3, 4, 5].map(() => makeResult(makeRecords(130, fields))));
    const few = compareRuns(await makeRuns(100), await makeRuns(200));
    const many = compareRuns(await runs(() => ({})), await runs(slowTail));

    expect(find(few, "ttftFromSchedule", "p95")).toMatchObject({ status: "advisory", baseline: null });
    expect(find(many, "ttftFromSchedule", "p95")).toMatchObject({ status: "fail", baseline: 50, current: 150 });
    expect(find(many, "ttftFromSchedule", "p50")).toMatchObject({ status: "pass" });
  });

  test("too few samples in a run are inconclusive", async () => {
    const comparison = compareRuns(await makeRuns(100, 1, { count: 10 }), await makeRuns(200, 1, { count: 10 }));

    expect(comparison.status).toBe("inconclusive");
    expect(find(comparison, "ttftFromSchedule").message).toContain("not enough samples (have 10, need 11)");
  });

  test("jobs of a single token are compared without TPOT and inter-token latency", async () => {
    const runs = () => Promise.all([1, 2, 3, 4, 5].map(() => makeResult(makeRecords(60, () => ({ tokensOut: 1 })))));
    const comparison = compareRuns(await runs(), await runs());

    expect(comparison.metrics.map(({ metric }) => metric)).not.toContain("tpot");
    expect(comparison.status).toBe("pass");
  });
});

describe("fewer than five runs on a side", () => {
  test.each([
    [1, 1],
    [4, 5],
    [5, 4],
  ])("%d and %d are inconclusive, whether they are equal or far apart", async (first, second) => {
    const [baseline, equal] = [(await makeRuns(100)).slice(0, first), (await makeRuns(200)).slice(0, second)];
    const slower = (await makeRuns(300, 3)).slice(0, second);

    for (const current of [equal, slower]) {
      const comparison = compareRuns(baseline, current);
      const reason = `it takes 5 valid runs on each side to judge a difference: the baseline has ${first}, the current side ${second}`;

      expect(comparison).toMatchObject({ status: "inconclusive", reasons: [reason] });
      expect(comparison.message).toContain(`inconclusive\n  ${reason}\n  inconclusive: TTFT from schedule p50: `);
    }
    expect(find(compareRuns(baseline, slower), "tpot").worseBy).toBeGreaterThan(1);
  });

  test("is about valid runs", async () => {
    const invalid = await makeRun(6, 1, { client: { cpuShare: 1 } });
    const comparison = compareRuns(await makeRuns(100), [...(await makeRuns(200)).slice(1), invalid]);

    expect(comparison).toMatchObject({ status: "inconclusive", runs: { baseline: 5, current: 4, invalid: 1 } });
  });
});

describe("errors of one side", () => {
  const failing = (every: number, ended?: ResultFacts["ended"]) =>
    Promise.all(
      [1, 2, 3, 4, 5].map(() =>
        makeResult(
          makeRecords(100, (index) => ({ status: index % every === 1 ? "worker-error" : "ok" })),
          ended === undefined ? {} : { ended },
        ),
      ),
    );

  test("fail the comparison, although every ok request is as fast as before", async () => {
    const comparison = compareRuns(await failing(1000), await failing(20));

    expect(find(comparison, "ttftFromSchedule")).toMatchObject({ status: "pass" });
    expect(find(comparison, "errorRate", "value")).toMatchObject({ status: "fail", worseBy: 0.05 - 0.01 });
    expect(comparison.status).toBe("fail");
    expect(compareRuns(await failing(20), await failing(20)).status).toBe("pass");
    expect(compareRuns(await failing(20), await failing(1000)).status).toBe("pass");
  });

  test("count in runs that they cut short, which are invalid", async () => {
    const cut = await failing(5, { by: "error-rate", message: "too many errors" });
    const good = await failing(1000);
    const comparison = compareRuns(good, [...good, ...cut]);

    expect(cut[0]?.validity.status).toBe("invalid");
    expect(find(comparison, "errorRate", "value").samples.current).toHaveLength(10);
    expect(comparison.status).not.toBe("pass");
  });
});

describe("not comparable", () => {
  const other = (facts: ResultFacts) => makeRun(2, 1, facts);

  test.each<[string, ResultFacts, string]>([
    ["another worker", { options: { machine: { workerVersion: "2" } } }, "the workerVersion differs: unknown and 2"],
    ["another model", { options: { machine: { modelHash: "abc" } } }, "the modelHash differs: unknown and abc"],
    ["another load", { options: { profile: { kind: "poisson", ratePerSec: 5 } } }, "the load profile differs: {"],
    [
      "no warm-up",
      { warmup: { attempted: 5 }, options: { warmup: { count: 5 } } } as ResultFacts,
      "the warm-up differs: none and some",
    ],
    ["an invalid run", { client: { cpuShare: 1 } }, "no current run is valid: a client thread used 100 % of a core"],
  ])("%s", async (_, facts, reason) => {
    const comparison = compareRuns(await makeRun(1), await other(facts));

    expect(comparison.status).toBe("not-comparable");
    expect(comparison.metrics).toEqual([]);
    expect(comparison.message).toContain(reason);
  });

  test("responses of a different length, which would look like a faster worker", async () => {
    const runs = (tokensOut: number) =>
      makeResult(makeRecords(60, () => ({ tokensOut, contentEventCount: tokensOut })));

    expect(compareRuns(await runs(32), await runs(8)).message).toContain(
      "a median of 32 tokens in the baseline, 8 now",
    );
    expect(compareRuns(await runs(32), await runs(30)).status).not.toBe("not-comparable");
  });

  test("with another SLO only goodput is not comparable", async () => {
    const current = await Promise.all(
      [1, 2, 3, 4, 5].map((seed) => makeRun(seed, 1, { options: { slo: { ttftMs: 5000 } } })),
    );
    const comparison = compareRuns(await makeRuns(10), current);

    expect(comparison.status).toBe("pass");
    expect(comparison.metrics.map(({ metric }) => metric)).toContain("tpot");
    expect(comparison.metrics.map(({ metric }) => metric)).not.toContain("goodputRatio");
    expect(comparison.notes).toEqual(["not compared: goodput, because the SLO differs: none and ttft at most 5 s"]);
  });

  test("an unknown machine", async () => {
    const run = await makeRun(1);
    const unknown = { ...run, machine: {} } as LoadResult;

    expect(compareRuns(unknown, run).status).toBe("not-comparable");
    expect(compareRuns(run, unknown).status).toBe("not-comparable");
  });

  test("facts that may differ are named", async () => {
    const current = await other({ count: 60, options: { machine: { workerVersion: "2" } } } as ResultFacts);

    expect(compareRuns(await makeRun(1), current, { allow: ["workerVersion"] }).status).not.toBe("not-comparable");
  });

  test("invalid runs among valid ones are left out and counted", async () => {
    const current = [...(await makeRuns(200)), await other({ client: { cpuShare: 1 } })];

    expect(compareRuns(await makeRuns(100), current)).toMatchObject({
      status: "pass",
      runs: { baseline: 5, current: 5, invalid: 1 },
      sampleKind: "runs",
    });
  });
});

test("a p-value is never printed as zero", async () => {
  const runs = (factor: number) => Promise.all(Array.from({ length: 12 }, (_, seed) => makeRun(seed, factor)));
  const { message } = compareRuns(await runs(1), await runs(1.5));

  expect(message).toContain("(p < 0.0001)");
  expect(message).not.toContain("p = 0.0000");
});

test("a comparison survives JSON, and so do its runs", async () => {
  const [baseline, current] = [await makeRuns(100), await makeRuns(200, 1.3)];
  const comparison = compareRuns(baseline, current);
  const stored = JSON.parse(JSON.stringify(baseline)) as LoadResult[];

  expect(JSON.parse(JSON.stringify(comparison))).toEqual(comparison);
  expect(compareRuns(stored, current)).toEqual(comparison);
});

test("with a baseline of 0 there is no ratio: more throughput is better, more time is worse", async () => {
  const runs = (lastMs: number, status: "ok" | "truncated" = "ok") =>
    Promise.all(
      [1, 2, 3, 4, 5].map(() =>
        makeResult(
          makeRecords(60, (index) => ({ firstMs: index * 10 + 50, lastMs: index * 10 + 50 + lastMs, status })),
        ),
      ),
    );
  const slower = compareRuns(await runs(0), await runs(200));
  const back = compareRuns(await runs(200, "truncated"), await runs(200));

  expect(find(slower, "tpot")).toMatchObject({ status: "fail", baseline: 0, worseBy: null });
  expect(find(back, "requestThroughput", "value")).toMatchObject({ status: "pass", baseline: 0, worseBy: null });
  expect(slower.message + back.message).not.toMatch(/Infinity|NaN/);
  expect(JSON.parse(JSON.stringify(slower))).toEqual(slower);
});

test.each<[unknown, object, string]>([
  [null, {}, "Expected `baseline` to be one or more results"],
  ["run", {}, "Expected `baseline` to be one or more results"],
  [[null], {}, "Expected `baseline` to be one or more results"],
  ["good", { allow: ["workerversion"] }, 'Expected `allow[0]` to be "cpu", "cores"'],
  ["good", { allow: [3] }, "`allow[0]`"],
  [[], {}, "Expected `baseline` to be one or more results"],
  [[{ kind: "load-result", schemaVersion: 2 }], {}, "with schemaVersion 1"],
  ["good", { tolerance: -1 }, "`tolerance`"],
  ["good", { alpha: 0.6 }, "`alpha`"],
  ["good", { alow: [] }, "got `alow`"],
])("%j with %j is rejected", async (baseline, options, message) => {
  const run = await makeRun(1);

  expect(() => compareRuns(baseline === "good" ? run : (baseline as LoadResult[]), run, options)).toThrow(message);
});
