import { describe, expect, test } from "vitest";
import { findWindow, meanConcurrency, peakConcurrency } from "../../../src/load/metrics/concurrency.js";
import { describeValues, percentileLabel, round } from "../../../src/load/metrics/distribution.js";
import { isMeanOverTokens } from "../../../src/load/metrics/registry.js";
import { collectValues, measureRequest } from "../../../src/load/metrics/request-metrics.js";
import { countTokens, RECORD_FIELDS } from "../../../src/load/metrics/request-record.js";
import { checkSlo, listSlo, meetsSlo } from "../../../src/load/metrics/slo.js";
import { makeRecord, makeRecords } from "../results.js";

describe("one request", () => {
  test("has no value where a time is missing, or was never recorded", () => {
    expect(measureRequest(makeRecord(0, { lastMs: null }), "e2e")).toBeUndefined();
    expect(measureRequest(makeRecord(0, { lastMs: null }), "tpot")).toBeUndefined();
    expect(measureRequest(makeRecord(0, { firstMs: null, lastMs: 30 }), "tpot")).toBeUndefined();
    expect(measureRequest(makeRecord(0, { longestStallMs: null }), "longestStall")).toBeUndefined();
    const { longestStallMs: _, ...old } = makeRecord(0);
    expect(measureRequest(old as ReturnType<typeof makeRecord>, "longestStall")).toBeUndefined();
    const broken = makeRecord(0, { schedMs: NaN, sendMs: 1 });
    expect(measureRequest(broken, "clientDelay")).toBeUndefined();
  });

  test("of two tokens has one time per output token", () => {
    expect(measureRequest(makeRecord(0, { firstMs: 10, lastMs: 30, tokensOut: 2 }), "tpot")).toBe(20);
  });

  test("counts its tokens, or estimates them", () => {
    expect(countTokens(makeRecord(0, { tokensOut: 0 }))).toEqual({ count: 0, isEstimated: false });
    expect(countTokens(makeRecord(0, { tokensOut: null, contentEventCount: 7 }))).toEqual({
      count: 7,
      isEstimated: true,
    });
  });

  test("has these fields in the files", () => {
    const rare = ["decodeMs", "turn", "httpStatus", "code", "message"];
    expect(RECORD_FIELDS).toEqual([...Object.keys(makeRecord(0)), ...rare]);
  });
});

test("values cover ok requests; the client delay covers all", () => {
  const records = [makeRecord(0), makeRecord(1, { status: "empty", firstMs: null }), makeRecord(2, { firstMs: null })];

  expect(collectValues(records, "ttft")).toEqual([50]);
  expect(collectValues(records, "clientDelay")).toEqual([0, 0, 0]);
});

test("only TPOT is a mean over tokens", () => {
  expect((["tpot", "ttft", "itl", "e2e"] as const).map((metric) => isMeanOverTokens(metric))).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

describe("the concurrency", () => {
  const records = [
    makeRecord(0, { sendMs: 10, closeMs: 40 }),
    makeRecord(1, { sendMs: 20, closeMs: 30 }),
    makeRecord(2, { sendMs: 25, closeMs: 50 }),
  ];

  test("is measured from the first send to the last close", () => {
    expect(findWindow(records)).toEqual({ firstSendMs: 10, lastCloseMs: 50, durationMs: 40 });
    expect(findWindow([])).toEqual({ firstSendMs: 0, lastCloseMs: 0, durationMs: 0 });
  });

  test("has a mean over time and a peak", () => {
    expect(meanConcurrency(records, findWindow(records))).toBe(65 / 40);
    expect(meanConcurrency([makeRecord(0, { sendMs: 5, closeMs: 5 })], findWindow([]))).toBe(0);
    expect(peakConcurrency(records)).toBe(3);
    expect(peakConcurrency([])).toBe(0);
  });

  test("has the same peak whatever the order of the requests", () => {
    const sentLast = makeRecord(0, { sendMs: 50, closeMs: 100 });
    const pair = [1, 2].map((index) => makeRecord(index, { sendMs: 0, closeMs: 10 }));

    expect(peakConcurrency([sentLast, ...pair])).toBe(2);
  });

  test("does not count a request that closes as another one is sent", () => {
    const chain = [0, 10, 20].map((sendMs, index) => makeRecord(index, { sendMs, closeMs: sendMs + 10 }));

    expect(peakConcurrency(chain)).toBe(1);
  });
});

describe("an SLO", () => {
  const record = makeRecord(0, { schedMs: 0, sendMs: 5, firstMs: 55 });

  test("is met at exactly its limit, by an ok request, from the judged moment", () => {
    expect(meetsSlo(record, { ttftMs: 50 }, "send")).toBe(true);
    expect(meetsSlo(record, { ttftMs: 49.9 }, "send")).toBe(false);
    expect(meetsSlo(record, { ttftMs: 54 }, "schedule")).toBe(false);
    expect(meetsSlo(record, { ttftMs: 55 }, "schedule")).toBe(true);
    expect(meetsSlo({ ...record, status: "empty" }, {}, "send")).toBe(false);
    expect(meetsSlo(record, {}, "send")).toBe(true);
  });

  test("is not missed by a request that has no value", () => {
    expect(meetsSlo(makeRecord(0, { tokensOut: 1 }), { tpotMs: 1 }, "send")).toBe(true);
  });

  test("requires every one of its limits", () => {
    expect(meetsSlo(record, { ttftMs: 50, e2eMs: 1 }, "send")).toBe(false);
  });

  test("is listed by metric, without unset limits", () => {
    expect(listSlo({ e2eMs: 9, ttftMs: 5, tpotMs: undefined })).toEqual([
      { metric: "ttft", limitMs: 5 },
      { metric: "e2e", limitMs: 9 },
    ]);
  });

  test("is rejected with the name of the invalid limit", () => {
    expect(() => checkSlo("slo", { ttftMs: -1 })).toThrow("`slo.ttftMs`");
    expect(() => checkSlo("slo", { ttft: 1 })).toThrow("got `ttft`");
  });
});

describe("a distribution", () => {
  test("is exact to the microsecond", () => {
    expect(describeValues("ttft", [3.00049, 1, 2], 2)).toMatchObject({
      metric: "ttft",
      unit: "ms",
      count: 3,
      estimatedCount: 2,
      min: 1,
      mean: 2,
      max: 3,
    });
    expect(round(1.23456)).toBe(1.235);
    expect(
      describeValues(
        "ttft",
        makeRecords(11).map(({ index }) => index),
      ).percentiles.p50,
    ).toBe(5);
    expect(
      describeValues(
        "ttft",
        makeRecords(10).map(({ index }) => index),
      ).percentiles.p50,
    ).toMatchObject({
      have: 10,
      need: 11,
    });
  });

  test("without values has no numbers", () => {
    expect(describeValues("ttft", [])).toMatchObject({ count: 0, estimatedCount: 0, min: null, mean: null, max: null });
  });

  test("labels its percentiles as usual", () => {
    expect([percentileLabel("p50"), percentileLabel("p999")]).toEqual(["p50", "p99.9"]);
  });
});
