import { describe, expect, test } from "vitest";
import type { RequestRecord } from "../../../src/load/index.js";
import { ItlHistogram } from "../../../src/load/metrics/itl-histogram.js";
import { measureRequest } from "../../../src/load/metrics/request-metrics.js";
import { METRIC_DEFINITIONS } from "../../../src/load/metrics/registry.js";
import { summarize } from "../../../src/load/metrics/summarize.js";
import { makeRecord, makeRecords } from "../results.js";

async function summary(records: readonly RequestRecord[], options: Partial<Parameters<typeof summarize>[1]> = {}) {
  return summarize(records, { itl: await ItlHistogram.create(), slo: {}, judgedFrom: "send", ...options });
}

describe("the metrics of one request", () => {
  const record = makeRecord(0, { schedMs: 100, sendMs: 103, firstMs: 153, lastMs: 353, tokensOut: 21 });

  test.each([
    ["clientDelay", 3],
    ["ttft", 50],
    ["ttftFromSchedule", 53],
    ["e2e", 250],
    ["e2eFromSchedule", 253],
    ["tpot", 10],
    ["longestStall", 11],
  ] as const)("%s", (metric, expected) => {
    expect(measureRequest(record, metric)).toBe(expected);
  });

  test("TPOT counts the tokens of the worker, not the events; without them it counts events", () => {
    expect(measureRequest({ ...record, tokensOut: 41 }, "tpot")).toBe(5);
    expect(measureRequest({ ...record, tokensOut: null, contentEventCount: 11 }, "tpot")).toBe(20);
  });

  test("there is no TPOT for fewer than two tokens, and no TTFT without a token", () => {
    expect(measureRequest({ ...record, tokensOut: 1 }, "tpot")).toBeUndefined();
    expect(measureRequest(makeRecord(0, { firstMs: null, lastMs: null }), "ttft")).toBeUndefined();
  });
});

describe("the figures of a run", () => {
  test("the window is from the first send to the last close; rates are per second of it", async () => {
    const records = [
      makeRecord(0, { sendMs: 10, closeMs: 510 }),
      makeRecord(1, { sendMs: 20, closeMs: 2010 }),
      makeRecord(2, { sendMs: 30, closeMs: 900, status: "truncated", tokensOut: null }),
    ];
    const { window, figures, counts } = await summary(records);

    expect(window).toEqual({ firstSendMs: 10, lastCloseMs: 2010, durationMs: 2000 });
    expect(figures.requestThroughput).toMatchObject({ value: 1, unit: "requests/s" });
    expect(figures.tokenThroughput.value).toBe(21);
    expect(figures.errorRate.value).toBeCloseTo(1 / 3, 5);
    expect(counts).toEqual({ attempted: 3, byStatus: { ok: 2, truncated: 1 } });
  });

  test("latencies include only ok requests; the client delay includes all", async () => {
    const records = makeRecords(30, (index) => ({ status: index < 18 ? "ok" : "http-error" }));
    const { latency } = await summary(records);

    expect(latency.ttft.count).toBe(18);
    expect(latency.clientDelay.count).toBe(30);
  });

  test("concurrency is weighted by time, and its peak excludes streams that have just closed", async () => {
    const records = [
      makeRecord(0, { sendMs: 0, closeMs: 100 }),
      makeRecord(1, { sendMs: 0, closeMs: 50 }),
      makeRecord(2, { sendMs: 50, closeMs: 100 }),
    ];
    const { figures } = await summary(records);

    expect(figures.concurrencyMean.value).toBe(2);
    expect(figures.concurrencyPeak.value).toBe(2);
  });

  test("goodput: ok and within the SLO; an open loop is judged from schedule", async () => {
    const records = [
      makeRecord(0),
      makeRecord(1, { schedMs: 10, sendMs: 40 }), // TTFT 50 ms from send, 80 ms from schedule
      makeRecord(2, { status: "worker-error" }),
      makeRecord(3, { longestStallMs: 500 }),
    ];
    const slo = { ttftMs: 60, longestStallMs: 100 };
    const closed = await summary(records, { slo, judgedFrom: "send" });
    const open = await summary(records, { slo, judgedFrom: "schedule" });

    expect(closed.figures.goodputRatio.value).toBe(0.5);
    expect(open.figures.goodputRatio.value).toBe(0.25);
  });

  test("estimated numbers of tokens are marked", async () => {
    const { latency, figures } = await summary(makeRecords(4, (index) => (index < 3 ? { tokensOut: null } : {})));

    expect(latency.tpot).toMatchObject({ count: 4, estimatedCount: 3 });
    expect(figures.tokenThroughput.isEstimated).toBe(true);
    expect(figures.requestThroughput.isEstimated).toBe(false);
  });

  test("a percentile with too few samples is not a number", async () => {
    const { latency } = await summary(makeRecords(64));

    expect(latency.ttft.percentiles).toMatchObject({
      p50: 50,
      p90: 50,
      p95: { status: "not-enough-samples", have: 64, need: 130, message: "not enough samples (have 64, need 130)" },
      p99: { have: 64, need: 662 },
      p999: { have: 64, need: 6636 },
    });
  });

  test("a run without requests has zeros and no invented values", async () => {
    const { latency, window, figures } = await summary([]);

    expect(window.durationMs).toBe(0);
    expect(latency.ttft).toMatchObject({ count: 0, min: null, mean: null, max: null });
    expect(Object.values(figures).map(({ value }) => value)).toEqual(Object.keys(figures).map(() => 0));
  });

  test("every figure carries the key of its definition", async () => {
    const { latency, figures } = await summary(makeRecords(3));
    for (const [key, { metric, unit }] of Object.entries({ ...latency, ...figures })) {
      expect(metric).toBe(key);
      expect(METRIC_DEFINITIONS[metric].unit).toBe(unit);
    }
  });
});
