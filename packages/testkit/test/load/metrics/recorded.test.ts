import { beforeAll, describe, expect, test } from "vitest";
import type { LoadResult } from "../../../src/load/index.js";
import {
  describeDifferences,
  findUnknown,
  findUnrecorded,
  isRecorded,
  listFigures,
  listLatencies,
  type RecordedMetrics,
} from "../../../src/load/metrics/recorded.js";
import { LATENCY_METRICS, RUN_METRICS } from "../../../src/load/metrics/registry.js";
import { makeRecords, makeResult } from "../results.js";

let whole: LoadResult;
beforeAll(async () => {
  whole = await makeResult(makeRecords(20));
});

/** The run as an older release wrote it: without two metrics of this one. */
const older = (): RecordedMetrics => {
  const { ttft: _ttft, ...latency } = whole.latency;
  const { errors: _errors, ...figures } = whole.figures;
  return { ...whole, latency, figures };
};
/** The run as a newer release wrote it: with two metrics that this one does not know. */
const newer = (): RecordedMetrics => {
  const latency = { ...whole.latency, prefill: whole.latency.ttft };
  const figures = { ...whole.figures, cost: whole.figures.errors };
  return { ...whole, latency, figures };
};

test("a run of this release has exactly the known metrics", () => {
  expect(findUnrecorded(whole)).toEqual([]);
  expect(findUnknown(whole)).toEqual([]);
  expect(describeDifferences(whole)).toEqual([]);
});

describe("a run of an older release", () => {
  test("lacks newer metrics", () => {
    expect([isRecorded(older(), "ttft"), isRecorded(older(), "errors")]).toEqual([false, false]);
    expect([isRecorded(older(), "e2e"), isRecorded(older(), "goodput")]).toEqual([true, true]);
    expect(findUnrecorded(older())).toEqual(["ttft", "errors"]);
    expect(describeDifferences(older())).toEqual([
      "Not recorded, because an older release wrote the run: ttft, errors.",
    ]);
  });

  test("is listed with a gap for each", () => {
    const latencies = listLatencies(older());
    expect(latencies.map(([key]) => key)).toEqual(LATENCY_METRICS);
    expect(latencies.filter(([, value]) => value === undefined)).toEqual([["ttft", undefined]]);
    const figures = listFigures(older());
    expect(figures.map(([key]) => key)).toEqual(RUN_METRICS);
    expect(figures.filter(([, value]) => value === undefined)).toEqual([["errors", undefined]]);
  });
});

describe("a run of a newer release", () => {
  test("has unknown metrics", () => {
    expect(findUnknown(newer())).toEqual(["prefill", "cost"]);
    expect(describeDifferences(newer())).toEqual([
      "Unknown to this release, and shown as the file has it: prefill, cost. A newer release wrote the run.",
    ]);
  });

  test("is listed with those last", () => {
    expect(listLatencies(newer()).at(-1)).toEqual(["prefill", whole.latency.ttft]);
    expect(listFigures(newer()).at(-1)).toEqual(["cost", whole.figures.errors]);
    expect(listLatencies(newer())).toHaveLength(LATENCY_METRICS.length + 1);
  });
});
