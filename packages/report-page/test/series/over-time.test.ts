import { expect, test } from "vitest";
import { describeOverTime } from "../../src/series/over-time.js";
import { sampleRun } from "../../../testkit/test/report/sample-run.js";

test("a bucket is as long as it takes for five requests, with 20 buckets at least and 120 at most", async () => {
  const bucketsOf = async (count: number, ratePerSec: number) => {
    const { records, window } = await sampleRun({ count, ratePerSec });
    return describeOverTime(records, { durationMs: window.lastCloseMs }).atMs.length;
  };

  expect(await bucketsOf(30, 10)).toBeLessThanOrEqual(20);
  expect(await bucketsOf(200, 10)).toBeLessThanOrEqual(40);
  expect(await bucketsOf(3000, 100)).toBeGreaterThan(60);
});

test("the time buckets add up to the totals", async () => {
  const { records, figures, window } = await sampleRun({ count: 400 });
  const over = describeOverTime(records, { durationMs: window.lastCloseMs });
  const total = (rates: readonly number[]) => rates.reduce((sum, rate) => sum + (rate * over.widthMs) / 1000, 0);

  expect(over.atMs.length).toBeLessThanOrEqual(120);
  expect(total(over.sentPerSec)).toBeCloseTo(400, 6);
  expect(total(over.okPerSec) + total(over.failedPerSec)).toBeCloseTo(400, 6);
  expect(total(over.tokensPerSec)).toBeCloseTo((figures.tokenThroughput.value * window.durationMs) / 1000, 0);
  const busyMs = records.reduce((sum, { sendMs, closeMs }) => sum + closeMs - sendMs, 0);
  expect(total(over.concurrency)).toBeCloseTo(busyMs / 1000, 6);
});
