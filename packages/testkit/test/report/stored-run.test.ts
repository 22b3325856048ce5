import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { assertMeets, compareRuns, judgeLimits, METRICS, type StoredLoadResult } from "../../src/load/index.js";
import { METRIC_KEYS } from "../../src/load/metrics/registry.js";
import { createRunReport, parseRunReport, toCsv, toHtml, toJson, toJUnit, toMarkdown } from "../../src/report/index.js";
import { sampleReport, sampleRun } from "./sample-run.js";

/** A run.json without `itl` and `errors`, and with `queueDelay` and `prefillThroughput`, which this release does not know. */
const text = readFileSync(new URL("stored/run-of-another-release.json", import.meta.url), "utf8");
const schema = JSON.parse(
  readFileSync(new URL("../../schema/run-report.schema.json", import.meta.url), "utf8"),
) as object;
const current = () => sampleRun({ count: 60, failEvery: 0 });

function readStored(): StoredLoadResult {
  const { load } = parseRunReport(text);
  if (load === undefined) throw new Error("the stored report has no load");
  return load;
}

describe("a run.json of another release", () => {
  test("is readable, keeps unknown fields, and matches the schema", () => {
    const report = parseRunReport(text);

    expect(report).toEqual(JSON.parse(text));
    expect(report.load?.latency.itl).toBeUndefined();
    expect(report.load?.figures.errors).toBeUndefined();
    expect(JSON.parse(toJson(report))).toEqual(JSON.parse(text));
    expect(new Ajv().validate(schema, report)).toBe(true);
  });

  test("its summary shows what is not recorded, and unknown metrics with their own definition", () => {
    const summary = toMarkdown(parseRunReport(text));

    expect(summary).toContain("| inter-token latency | not recorded |");
    expect(summary).toContain("| errors | not recorded |");
    expect(summary).toMatch(/Not recorded, because an older release wrote the run: .*\bitl, .*\berrors\b/);
    expect(summary).toMatch(/\| queue delay \| 60 \| [\d.]+ ms \|/);
    expect(summary).toContain("| prefill throughput | 512 tokens/s |");
    expect(summary).toContain("Unknown to this release, and shown as the file has it: queueDelay, prefillThroughput.");
    expect(summary).toContain("- **queue delay**: accepted − send");
  });

  test("every writer accepts it", async () => {
    const report = parseRunReport(text);

    expect(toCsv(readStored().records).trimEnd().split("\r\n")).toHaveLength(61);
    expect(toJUnit(report)).toContain("<testsuites");
    expect(await toHtml(report)).toContain('"queueDelay"');
  });
});

const five = <T>(run: T) => Array<T>(5).fill(run);

describe("a comparison with a baseline without a metric", () => {
  test("is not comparable in that metric, by name, and judges the others", async () => {
    const comparison = compareRuns(readStored(), await current());
    const statusOf = (name: string) =>
      comparison.metrics.filter(({ metric }) => metric === name).map((one) => one.status);

    expect(comparison.status).toBe("not-comparable");
    expect(comparison.reasons).toContain("not comparable: the baseline lacks inter-token latency");
    expect(comparison.message).toContain("not comparable: the baseline lacks inter-token latency");
    expect(statusOf("itl")).toEqual(["not-comparable"]);
    expect(statusOf("tpot")).toEqual(["inconclusive"]);
  });

  test("… and the other way round", async () => {
    const comparison = compareRuns(await current(), readStored());

    expect(comparison.status).toBe("not-comparable");
    expect(comparison.reasons).toContain("not comparable: the current run lacks inter-token latency");
  });

  test("one old run among new ones is enough", async () => {
    const runs = await Promise.all([1, 2, 3, 4, 5].map(() => current()));

    expect(compareRuns([...runs.slice(1), readStored()], runs).status).toBe("not-comparable");
    expect(compareRuns(runs, runs).status).not.toBe("not-comparable");
  });

  test("fails if another metric is worse: a failure takes precedence", async () => {
    const slower = await sampleRun({ count: 60, failEvery: 0, slowness: 2 });

    expect(compareRuns(five(readStored()), five(slower)).status).toBe("fail");
  });

  test("two runs without the metric are compared without it, with a note", () => {
    const comparison = compareRuns(five(readStored()), five(readStored()));

    expect(comparison.status).toBe("pass");
    expect(comparison.metrics.map(({ metric }) => metric)).not.toContain("itl");
    expect(comparison.notes).toContain("not compared: no run on either side recorded inter-token latency");
    expect(comparison.message).toContain("not compared: no run on either side recorded inter-token latency");
  });

  test("produces a report that does not pass, can be read again, and has every file", async () => {
    const [baseline, load] = [readStored(), await current()];
    const report = createRunReport({ load, comparison: { outcome: compareRuns(baseline, load), baseline } });

    expect(report.status).toBe("not-comparable");
    expect(report.verdicts).toContainEqual(
      expect.objectContaining({ group: "baseline", name: "inter-token latency, p50", status: "not-comparable" }),
    );
    expect(parseRunReport(toJson(report)).status).toBe("not-comparable");
    expect(await toHtml(report)).toContain("the baseline lacks inter-token latency");
  });
});

test("a comparison of a newer release may have unknown metrics and units", async () => {
  const load = await current();
  const made = createRunReport({ load, comparison: { outcome: compareRuns(load, load), baseline: load } });
  const report = JSON.parse(toJson(made)) as {
    comparison: { outcome: { metrics: object[] }; baseline: { curves: Record<string, unknown> } };
  };
  const { outcome, baseline } = report.comparison;
  outcome.metrics.push({ ...outcome.metrics[0], metric: "energy", unit: "joules/token" });
  baseline.curves["energy"] = [{ share: 0.5, value: 1 }];
  const read = parseRunReport(JSON.stringify(report));

  expect(read).toEqual(report);
  expect(await toHtml(read)).toContain('"joules/token"');
  expect(toMarkdown(read)).toContain("Verdict");
});

describe("a limit on a metric that is missing from the stored run", () => {
  test("is never met", () => {
    const judged = judgeLimits(readStored(), { itl: { p50: 1e9 }, errorRate: 1 });

    expect(judged.status).toBe("not-recorded");
    expect(judged.checks[0]).toMatchObject({
      status: "not-recorded",
      message: "itl p50 at most 1000000000 ms: not recorded",
    });
    expect(createRunReport({ load: readStored(), limits: judged }).status).toBe("inconclusive");
  });

  test("has its own code; a missed limit takes precedence", () => {
    expect(() => assertMeets(readStored(), { itl: { p50: 1e9 }, errorRate: 1 })).toThrow("LOAD_NOT_RECORDED");
    expect(() => assertMeets(readStored(), { ttft: { p50: 1e9 } })).toThrow("errors at most 0 requests: not recorded");
    expect(() => assertMeets(readStored(), { itl: { p50: 1e9 }, ttft: { p50: 20 } })).toThrow("LOAD_LIMIT_MISSED");
    expect(() => assertMeets(readStored(), { ttft: { p50: 1e9 }, errorRate: 1 })).not.toThrow();
  });
});

test("a report stays readable and writable without any single metric of the registry", async () => {
  const whole = toJson(await sampleReport({ count: 60 }));
  for (const key of METRIC_KEYS) {
    const cut = JSON.parse(whole) as { load: Record<"latency" | "figures" | "definitions", Record<string, unknown>> };
    for (const part of [cut.load.latency, cut.load.figures, cut.load.definitions]) {
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- what a file without the metric looks like
      delete part[key];
    }
    const report = parseRunReport(JSON.stringify(cut));

    expect(toMarkdown(report), key).toContain(`| ${METRICS[key].title} | not recorded |`);
    expect(await toHtml(report), key).toContain("</html>");
  }
});

test.each<[string, (load: Record<string, Record<string, Record<string, unknown>>>) => void]>([
  ["`load.latency.queueDelay.metric` is missing", ({ latency }) => (latency!["queueDelay"] = {})],
  ["`load.latency.ttft.percentiles.p50` is missing", ({ latency }) => (latency!["ttft"]!["percentiles"] = {})],
  [
    "`load.figures.prefillThroughput.value` is not a number",
    ({ figures }) => (figures!["prefillThroughput"]!["value"] = "512"),
  ],
  ["`load.figures.goodput.unit` is missing", ({ figures }) => delete figures!["goodput"]!["unit"]],
  ["`load.definitions.queueDelay` is missing", ({ definitions }) => delete definitions!["queueDelay"]],
  ["`load.definitions.queueDelay.title` is missing", ({ definitions }) => (definitions!["queueDelay"] = {})],
  [
    "`load.definitions.unused.title` is not a string",
    ({ definitions }) => (definitions!["unused"] = { ...definitions!["ttft"], title: 1 }),
  ],
])("what is recorded must be complete: %s", (reason, edit) => {
  const report = JSON.parse(text) as { load: Parameters<typeof edit>[0] };
  edit(report.load);

  expect(() => parseRunReport(JSON.stringify(report))).toThrow(reason);
});
