import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { judgeLimits } from "../../../src/load/index.js";
import { judgedFrom, judgedMetric } from "../../../src/load/metrics/judged-from.js";
import type { Metric } from "../../../src/load/metrics/metric.js";
import { METRIC_KEYS, METRICS, metricOf, type LatencyMetric } from "../../../src/load/metrics/registry.js";
import { checkSlo } from "../../../src/load/metrics/slo.js";
import { createRunReport, toCsv, toMarkdown } from "../../../src/report/index.js";
import { makeRecords, makeResult } from "../results.js";

const root = new URL("../../../../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");
const entries = METRIC_KEYS.map((key) => [key, metricOf(key)] as const);

/** Where the schema names the metrics of this release. */
interface MetricSchema {
  definitions: { MetricComparison: { properties: { metric: { examples: string[] } } } };
}

function is<Kind extends Metric["kind"]>(entry: Metric, kind: Kind): entry is Extract<Metric, { kind: Kind }> {
  return entry.kind === kind;
}

describe.each(entries)("the metric %s is", (key, entry) => {
  test("in the result, with its definition", async () => {
    const { latency, figures, definitions } = await makeResult(makeRecords(20));
    const { title, unit, better, definition } = entry;

    expect({ ...latency, ...figures }[key]).toMatchObject({ metric: key, unit });
    expect(definitions[key]).toEqual({ title, unit, better, definition });
  });

  test("among the limits of a run, or rejected", async () => {
    const result = await makeResult(makeRecords(20));
    const judge = () => judgeLimits(result, { [key]: is(entry, "run") ? 0 : { max: 1 } });

    if (entry.isLimitable === true) expect(judge().checks[0]?.name).toContain(key);
    else expect(judge).toThrow(`got \`${key}\``);
  });

  test("in the SLO of a request, or rejected", () => {
    const check = () => checkSlo("slo", { [`${key}Ms`]: 5 });

    if (is(entry, "request") && entry.isSlo === true) expect(check).not.toThrow();
    else expect(check).toThrow(`got \`${key}Ms\``);
  });

  test("in the files of a report: a row of the summary, a column of the CSV", async () => {
    const load = await makeResult(makeRecords(20));
    const head = toCsv(load.records).split("\r\n", 1)[0]?.split(",");

    expect(toMarkdown(createRunReport({ load }))).toContain(`\n| ${entry.title} | `);
    expect(head?.includes(`${key} (ms)`)).toBe(is(entry, "request"));
  });

  test("in the schema and in the documentation", () => {
    const schema = JSON.parse(read("packages/testkit/schema/run-report.schema.json")) as MetricSchema;
    expect(schema.definitions.MetricComparison.properties.metric.examples).toContain(key);
    expect(read("docs/profiling.md")).toContain(`| \`${key}\` | ${entry.title} | ${entry.unit} |`);
  });
});

test.each(entries)("the entry %s is consistent", (_, entry) => {
  const statistics = entry.compared ?? [];

  expect(statistics.every((one) => (one === "value") === is(entry, "run"))).toBe(true);
  if (statistics.length > 0 || entry.isLimitable === true) expect(entry.better).not.toBe("neither");
  if (!is(entry, "request") || entry.fromSchedule === undefined) return;
  expect(METRICS[entry.fromSchedule as LatencyMetric]).toMatchObject({ kind: "request", unit: entry.unit });
});

test("titles distinguish the metrics", () => {
  expect(new Set(entries.map(([, { title }]) => title)).size).toBe(entries.length);
});

test("only one metric is pooled: a run has one histogram", () => {
  expect(entries.filter(([, { kind }]) => kind === "pooled").map(([key]) => key)).toEqual(["itl"]);
});

test("an open loop is judged from schedule, a closed one from send", () => {
  expect(judgedFrom({ kind: "constant", ratePerSec: 1 })).toBe("schedule");
  expect(judgedFrom({ kind: "concurrency", clients: 1 })).toBe("send");
  expect([judgedMetric("ttft", "schedule"), judgedMetric("ttft", "send")]).toEqual(["ttftFromSchedule", "ttft"]);
  expect([judgedMetric("tpot", "schedule"), judgedMetric("itl", "schedule")]).toEqual(["tpot", "itl"]);
});

test("no other file decides which time a run is judged from", () => {
  const files = ["packages/testkit/src/", "packages/report-page/src/"].flatMap((source) => {
    return readdirSync(new URL(source, root), { recursive: true, encoding: "utf8" }).map((file) => source + file);
  });
  const deciding = files.filter((file) => file.endsWith(".ts") && /FromSchedule|"schedule" : "send"/.test(read(file)));

  expect(deciding.sort()).toEqual([
    "packages/report-page/src/sections/requests.ts", // sorts rows that are drawn from their schedule on, whatever is judged
    "packages/testkit/src/load/metrics/judged-from.ts",
    "packages/testkit/src/load/metrics/registry.ts",
  ]);
});
