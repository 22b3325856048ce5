import { beforeAll, expect, test } from "vitest";
import { compareRuns, type LoadResult } from "../../../src/load/index.js";
import { draw } from "../../../src/load/schedule/draws.js";
import { makeRecords, makeResult } from "../results.js";

const NOISE = 0.08;
let base: LoadResult;
beforeAll(async () => {
  base = await makeResult(makeRecords(20), { itlMs: Array<number>(20).fill(10) });
});

/** A number of the normal distribution, by the method of Box and Muller. */
const normal = (seed: number, name: string, index: number) => {
  const [first, second] = [draw(BigInt(seed), `${name} 1`, index), draw(BigInt(seed), `${name} 2`, index)];
  return Math.sqrt(-2 * Math.log(1 - first)) * Math.cos(2 * Math.PI * second);
};

/** A run whose latencies and throughput vary by 8 % from run to run: half of the variance is common to TTFT and to the times of tokens. */
const makeRun = (seed: number, index: number, slowness: number): LoadResult => {
  const common = normal(seed, "common", index);
  const factor = (name: string) => slowness * (1 + NOISE * Math.SQRT1_2 * (common + normal(seed, name, index)));
  const [ttft, tpot] = [50 * factor("ttft"), 10 * factor("tpot")];
  const values = { ttftFromSchedule: ttft, tpot, itl: tpot, e2eFromSchedule: ttft + 20 * tpot };
  const latency = Object.entries(values).map(([metric, p50]) => {
    const distribution = base.latency[metric as keyof typeof values];
    return [metric, { ...distribution, percentiles: { ...distribution.percentiles, p50 } }];
  });
  const perSec = { ...base.figures.requestThroughput, value: 1000 / values.e2eFromSchedule };
  return {
    ...base,
    latency: { ...base.latency, ...(Object.fromEntries(latency) as Partial<LoadResult["latency"]>) },
    figures: { ...base.figures, requestThroughput: perSec, tokenThroughput: { ...perSec, metric: "tokenThroughput" } },
  };
};

/** The statuses of comparisons of `runs` against `runs`. The benchmark `verdicts` does the same with more of them. */
const compareMany = (count: number, { runs, slowness }: { runs: number; slowness: number }) => {
  const statuses = { pass: 0, fail: 0, inconclusive: 0, "not-comparable": 0 };
  for (let seed = 1; seed <= count; seed++) {
    const side = (from: number, factor: number) =>
      Array.from({ length: runs }, (_, at) => makeRun(seed, from + at, factor));
    statuses[compareRuns(side(0, 1), side(runs, slowness)).status]++;
  }
  return statuses;
};

test("at most 1 of 100 comparisons of equal builds fails, of five runs each that vary by 8 %", () => {
  const { fail, pass } = compareMany(200, { runs: 5, slowness: 1 });

  expect(fail).toBeLessThanOrEqual(2);
  expect(pass).toBeGreaterThan(160);
});

test("a build that is 30 % slower fails in at least 95 of 100", () => {
  expect(compareMany(100, { runs: 5, slowness: 1.3 }).fail).toBeGreaterThanOrEqual(95);
});

test("with four runs on each side nothing passes or fails", () => {
  expect(compareMany(20, { runs: 4, slowness: 1 }).inconclusive).toBe(20);
  expect(compareMany(20, { runs: 4, slowness: 1.3 }).inconclusive).toBe(20);
});
