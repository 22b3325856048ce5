import { beforeAll, describe, expect, test } from "vitest";
import type { LoadResult } from "../../../src/load/index.js";
import type { MetricKey } from "../../../src/load/metrics/registry.js";
import type { StoredLoadResult } from "../../../src/load/result.js";
import { findClientError, findResolution } from "../../../src/load/verdict/client-error.js";
import { compareRuns } from "../../../src/load/verdict/compare-runs.js";
import { findLacking, findUncompared, listCompared, nameOf } from "../../../src/load/verdict/compared.js";
import { makeRecords, makeResult } from "../results.js";

let open: LoadResult;
let closed: LoadResult;
beforeAll(async () => {
  const itlMs = Array<number>(200).fill(10);
  open = await makeResult(makeRecords(200), { itlMs });
  closed = await makeResult(makeRecords(200), { itlMs, options: { profile: { kind: "serial" } } });
});

/** The run as an older release stored it: without these metrics. */
const without = (run: StoredLoadResult, ...metrics: readonly MetricKey[]): StoredLoadResult => {
  const keep = <T extends object>(all: T) =>
    Object.fromEntries(Object.entries(all).filter(([key]) => !metrics.includes(key as MetricKey))) as T;
  return { ...run, latency: keep(run.latency), figures: keep(run.figures) };
};
const sides = (baseline: readonly StoredLoadResult[], current = baseline) => ({ baseline, current });
const five = (run: StoredLoadResult) => Array<StoredLoadResult>(5).fill(run);
const names = (given: ReturnType<typeof sides>) =>
  listCompared(given).map(({ metric, statistic }) => `${metric} ${statistic}`);

const MEDIANS = ["ttft p50", "tpot p50", "itl p50", "e2e p50"];
const FIGURES = ["requestThroughput value", "tokenThroughput value", "goodputRatio value", "errorRate value"];
const TAILS = ["ttft p95", "ttft p99", "e2e p95", "e2e p99"];

describe("what is compared", () => {
  test("are medians, figures of the run, and tails, in this order", () => {
    expect(names(sides([closed]))).toEqual([...MEDIANS, ...FIGURES, ...TAILS]);
  });

  test("is from schedule in an open loop", () => {
    const fromSchedule = (name: string) => name.replace(/^(ttft|e2e) /, "$1FromSchedule ");

    expect(names(sides([open]))).toEqual([...MEDIANS.map(fromSchedule), ...FIGURES, ...TAILS.map(fromSchedule)]);
  });

  test("leaves out what no run recorded", () => {
    const old = without(closed, "e2e", "goodputRatio", "errorRate");

    expect(names(sides([old]))).toEqual([...MEDIANS.slice(0, 3), ...FIGURES.slice(0, 2), ...TAILS.slice(0, 2)]);
  });

  test("names a metric that a side lacks only once, by its median", () => {
    expect(names(sides([without(closed, "e2e")], [closed]))).toEqual([...MEDIANS, ...FIGURES, ...TAILS.slice(0, 2)]);
    expect(names(sides([closed, without(closed, "errors", "goodputRatio")]))).toEqual([
      ...MEDIANS,
      ...FIGURES,
      ...TAILS,
    ]);
  });

  test("leaves out the times between tokens if no request has two", async () => {
    const single = await makeResult(
      makeRecords(20, () => ({ tokensOut: 1 })),
      {
        options: { profile: { kind: "serial" } },
      },
    );

    expect(names(sides([single]))).not.toContain("tpot p50");
    expect(names(sides([single]))).not.toContain("itl p50");
    expect(names(sides([single], [closed]))).toContain("tpot p50");
  });

  test("is judged from send without any run", () => {
    expect(listCompared(sides([]))).toEqual([]);
  });
});

describe("a side lacks a metric", () => {
  test("if one of its runs does", () => {
    const old = without(closed, "ttft");

    expect(findLacking(sides([closed, old], [closed]), "ttft")).toEqual(["baseline"]);
    expect(findLacking(sides([closed], [old, old]), "ttft")).toEqual(["current"]);
    expect(findLacking(sides([old]), "ttft")).toEqual(["baseline", "current"]);
    expect(findLacking(sides([old]), "e2e")).toEqual([]);
  });

  test("and metrics that no run has are listed as uncompared", () => {
    const old = without(closed, "ttft", "goodputRatio", "errors");

    expect(findUncompared(sides([old]))).toEqual(["ttft", "goodputRatio"]);
    expect(findUncompared(sides([old], [closed]))).toEqual([]);
    expect(findUncompared(sides([closed]))).toEqual([]);
  });

  test("is named with its title", () => {
    expect(nameOf("itl")).toBe("inter-token latency");
  });
});

describe("a comparison with runs of an older release", () => {
  test("is not comparable in metrics that one side lacks, with a message", () => {
    const comparison = compareRuns(five(without(closed, "ttft")), five(closed));

    expect(comparison).toMatchObject({
      kind: "load-comparison",
      status: "not-comparable",
      reasons: ["not comparable: the baseline lacks time to first token"],
      notes: [],
    });
    expect(comparison.message.split("\n").slice(0, 2)).toEqual([
      "not-comparable",
      "  not comparable: the baseline lacks time to first token",
    ]);
    expect(comparison.message).toMatch(/\n {2}pass: TPOT p50: /);
  });

  test("passes without the metrics that both lack, with a note", () => {
    const old = without(closed, "ttft");
    const comparison = compareRuns(five(old), five(old));

    expect(comparison).toMatchObject({
      status: "pass",
      reasons: [],
      notes: ["not compared: no run on either side recorded time to first token"],
    });
    expect(comparison.message).toMatch(/\n {2}not compared: no run on either side recorded time to first token/);
    expect(comparison.metrics.length).toBeGreaterThan(0);
  });

  test("an invalid current side is named", () => {
    expect(() => compareRuns(closed, null as never)).toThrow("Expected `current` to be one or more results");
  });

  test("sides that are not comparable have no notes", () => {
    const old = without(closed, "ttft");

    expect(compareRuns(old, without(open, "ttft"))).toMatchObject({
      status: "not-comparable",
      reasons: [expect.stringMatching(/^the load profile differs: /)],
      notes: [],
      metrics: [],
    });
  });
});

describe("the client's own error", () => {
  const delayed = async (...delays: readonly number[]) =>
    Promise.all(
      delays.map((p50) =>
        makeResult(
          makeRecords(30, (index) =>
            index < 20 ? { status: "truncated", tokensOut: null, contentEventCount: 1 } : {},
          ),
          { client: { eventLoopDelayMs: { p50, p95: 2 * p50, p99: 3 * p50, max: 9 } } },
        ),
      ),
    );

  test("is the median over the runs, of the same statistic", async () => {
    const runs = await delayed(1, 4, 100);

    expect(findClientError(runs, { metric: "ttft", statistic: "p50" })).toBe(4);
    expect(findClientError(runs, { metric: "ttft", statistic: "p95" })).toBe(8);
    expect(findClientError(runs, { metric: "requestThroughput", statistic: "value" })).toBe(0);
  });

  test("is divided by the tokens of ok requests where those are averaged", async () => {
    expect(findClientError(await delayed(4), { metric: "tpot", statistic: "p50" })).toBe(4 / 20);
  });

  test("the resolution is that of a request, and for the times of a token a part of it", async () => {
    const runs = await delayed(4);

    expect(findResolution(runs, { metric: "ttft", statistic: "p50" }, 1)).toBe(1);
    expect(findResolution(runs, { metric: "tpot", statistic: "p50" }, 1)).toBe(1 / 20);
    expect(findResolution(runs, { metric: "itl", statistic: "p50" }, 1)).toBe(1 / 20);
    expect(findResolution(runs, { metric: "errorRate", statistic: "value" }, 1)).toBe(0);
  });

  test("comes from the worst client", async () => {
    const [run] = await delayed(4);
    const clients = [4, 7, 2].map((p50) => ({
      ...run!.clients[0]!,
      eventLoopDelayMs: { p50, p95: 0, p99: 0, max: 0 },
    }));

    expect(findClientError([{ ...run!, clients }], { metric: "ttft", statistic: "p50" })).toBe(7);
  });
});
