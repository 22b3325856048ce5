import { expect, test } from "vitest";
import { judgeLimits, type RequestRecord } from "../../src/load/index.js";
import { createRunReport, toMarkdown } from "../../src/report/index.js";
import { describeHeadline, headlineText } from "../../src/report/headline.js";
import { summarize } from "../../src/load/metrics/summarize.js";
import { ItlHistogram } from "../../src/load/metrics/itl-histogram.js";
import { HOSTILE_TEXTS } from "./hostile.js";
import { sampleMemory, sampleReport, sampleRun, type SampleRunOptions } from "./sample-run.js";

/** A run in which some requests failed in the same way. */
async function runWith(isFailed: (record: RequestRecord) => boolean, options: SampleRunOptions = {}) {
  const run = await sampleRun({ count: 930, failEvery: 0, ...options });
  const failure = { status: "http-error", httpStatus: 503, code: "QUEUE_FULL", message: "the queue is full" } as const;
  const records = run.records.map((record) => (isFailed(record) ? { ...record, ...failure, firstMs: null } : record));
  const itl = await ItlHistogram.create();
  return { ...run, records, ...summarize(records, { itl, slo: run.plan.slo, judgedFrom: "schedule" }) };
}

const lineOf = (...[parts]: Parameters<typeof createRunReport>) =>
  headlineText(describeHeadline(createRunReport(parts)));

test("a failed run names the limit, the value, and the most frequent error with its beginning", async () => {
  const load = await runWith(({ sendMs }) => sendMs >= 15_000, { slowness: 10 });
  const limits = judgeLimits(load, { ttft: { p95: 200 }, errors: 1000 });

  expect(lineOf({ load, limits })).toMatch(
    /^FAIL {2}TTFT p95 1,\d{3} ms \(limit 200\) · 630 of 930 QUEUE_FULL from 15 s on$/,
  );
});

test("the number of errors leads where no latency missed its limit", async () => {
  const load = await runWith(({ sendMs }) => sendMs >= 15_000);
  const limits = judgeLimits(load, { ttft: { p50: 2000 }, errors: 0 });

  expect(lineOf({ load, limits })).toBe("FAIL  errors 630 (limit 0) · 630 of 930 QUEUE_FULL from 15 s on");
});

test.each<[string, (record: RequestRecord) => boolean]>([
  ["930 of 930 QUEUE_FULL from the start", () => true],
  ["100 of 930 QUEUE_FULL from the start to 4.95 s", ({ index }) => index < 100],
  ["100 of 930 QUEUE_FULL from 5 s to 9.95 s", ({ index }) => index >= 100 && index < 200],
  ["1 of 930 QUEUE_FULL at 5 s", ({ index }) => index === 100],
])("says when errors were sent: %s", async (expected, isFailed) => {
  const load = await runWith(isFailed);

  expect(lineOf({ load, limits: judgeLimits(load, { errors: 0 }) })).toContain(` · ${expected}`);
});

test("several failures are counted, and the one that is furthest from its limit leads", async () => {
  const load = await sampleRun({ failEvery: 0, slowness: 10 });
  const limits = judgeLimits(load, { ttft: { p50: 400, p95: 50 }, tpot: { p50: 20 }, errors: 0 });

  expect(lineOf({ load, limits })).toMatch(/^FAIL {2}TTFT p95 [\d,]+ ms \(limit 50\) · 2 more failed$/);
});

test("a lower limit says so, a share is a percentage", async () => {
  const load = await sampleRun({ failEvery: 0, slowness: 10 });

  expect(lineOf({ load, limits: judgeLimits(load, { goodputRatio: 0.99 }) })).toMatch(
    /^FAIL {2}goodput ratio [\d.]+ % \(limit at least 99 %\)$/,
  );
});

test("a leak is named with its reason, and a worker that died leads", () => {
  const died = { group: "worker", name: "the worker runs until it is stopped", status: "fail" as const };
  const message = "The worker ended with exit code 3 before it was stopped";

  expect(lineOf({ memory: sampleMemory() })).toMatch(/^FAIL {2}no leak, by process-tree: /);
  expect(lineOf({ memory: sampleMemory(), verdicts: [{ ...died, message }] })).toBe(`FAIL  ${message} · 1 more failed`);
});

test("a run that passes, one that proves nothing, and one in which nothing was judged", async () => {
  const load = await sampleRun({ failEvery: 0 });

  expect(lineOf({ load, limits: judgeLimits(load, { errors: 0 }) })).toBe("PASS  all 3 verdicts pass, 300 requests");
  expect(lineOf({ load, limits: judgeLimits(load, { ttft: { p99: 5000 } }) })).toMatch(
    /^NOT ENOUGH SAMPLES {2}ttft p99: ttft p99 at most 5000 ms: not enough samples/,
  );
  expect(lineOf({ partialReason: "interrupted" })).toBe("INCONCLUSIVE  nothing was judged");
});

test("`requests succeed` never passes beside failures", async () => {
  const load = await sampleRun({ failEvery: 25 });
  const find = (parts: Parameters<typeof createRunReport>[0]) =>
    createRunReport(parts).verdicts.find(({ group }) => group === "requests");

  expect(find({ load, limits: judgeLimits(load, { errors: 20 }) })).toBeUndefined();
  expect(find({ load })).toMatchObject({
    status: "inconclusive",
    message: "288 of 300 requests succeeded, and no limit says how many may fail",
  });
  expect(find({ load: await sampleRun({ failEvery: 0 }) })).toMatchObject({ status: "pass" });
});

test("a hostile text in the headline stays one line and no markup", async () => {
  for (const text of HOSTILE_TEXTS) {
    const verdicts = [{ group: "own", name: text, status: "fail" as const, message: text }];
    const report = await sampleReport({ count: 20 }, { verdicts, limitsOf: { errors: 20 }, memory: undefined });
    const [first = "", second] = toMarkdown(report).split("\n");

    expect(first).toMatch(/^## ❌ FAIL/);
    expect(first.replaceAll(/<!-- -->/g, "")).not.toMatch(/[<>]|(?<!\\)\]\(/);
    expect(second).toBe("");
  }
});
