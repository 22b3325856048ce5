import { describe, expect, test } from "vitest";
import { writePrometheus } from "../../../src/report/export/prometheus-text.js";
import { toPrometheus } from "../../../src/report/export/to-prometheus.js";
import { toVisibleText } from "../../../src/terminal/index.js";
import { HOSTILE_TEXTS } from "../hostile.js";
import { sampleReport } from "../sample-run.js";
import { sampleSweep } from "../sample-sweep.js";

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = `([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\\\\n]|\\\\["\\\\n])*)"`;
const LINE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (NaN|[+-]Inf|-?[0-9.]+(?:e[+-]?[0-9]+)?)$`, "u");

/** Reads the text format by its rules; throws at the first line that violates one. */
function parse(text: string): Sample[] {
  const types = new Map<string, string>();
  const seen = new Set<string>();
  expect(text.endsWith("\n")).toBe(true);
  return text
    .slice(0, -1)
    .split("\n")
    .flatMap((line) => {
      const [, kind, family = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.*)$/u.exec(line) ?? [];
      if (kind === "TYPE") {
        expect(types.has(family), `one TYPE of ${family}`).toBe(false);
        types.set(family, rest);
      }
      if (kind !== undefined) return [];
      const [, name, labels = ""] = LINE.exec(line) ?? [];
      if (name === undefined) throw new Error(`Not a line of the format: ${line}`);
      const base = [...types].find(
        ([known, type]) =>
          name === known || (type === "histogram" && name.replace(/_(bucket|sum|count)$/, "") === known),
      );
      expect(base, `a TYPE before ${name}`).toBeDefined();
      expect(seen.has(`${name}{${labels}}`), `one value of ${name}{${labels}}`).toBe(false);
      seen.add(`${name}{${labels}}`);
      const pairs = [...labels.matchAll(new RegExp(LABEL, "gu"))].map(([, key, value]) => {
        return [key!, value!.replace(/\\(.)/gu, (_, char: string) => (char === "n" ? "\n" : char))];
      });
      return [
        {
          name,
          labels: Object.fromEntries(pairs) as Record<string, string>,
          value: Number(line.split(" ").at(-1)!.replace("Inf", "Infinity")),
        },
      ];
    });
}

const valuesOf = (samples: readonly Sample[], name: string) => samples.filter((sample) => sample.name === name);

describe("a run in Prometheus' format", () => {
  test("has its figures, its percentiles in seconds, and its verdicts", async () => {
    const report = await sampleReport({ count: 400, failEvery: 10 });
    const samples = parse(toPrometheus(report));

    expect(valuesOf(samples, "inference_testkit_requests").find(({ labels }) => labels["status"] === "ok")?.value).toBe(
      360,
    );
    expect(valuesOf(samples, "inference_testkit_figure_errors")).toMatchObject([{ value: 40 }]);
    expect(valuesOf(samples, "inference_testkit_figure_goodput_ratio")).toHaveLength(1);
    const p95 = valuesOf(samples, "inference_testkit_latency_seconds").find(
      ({ labels }) => labels["metric"] === "ttft" && labels["quantile"] === "0.95",
    );
    expect(p95?.value).toBeCloseTo((report.load!.latency.ttft!.percentiles.p95 as number) / 1000, 9);
    expect(samples.some(({ labels }) => labels["quantile"] === "0.999")).toBe(false);
    expect(valuesOf(samples, "inference_testkit_verdict")).toHaveLength(report.verdicts.length);
  });

  test("has histograms with cumulative buckets, which end with all requests", async () => {
    const report = await sampleReport({ count: 400, failEvery: 10 });
    const samples = parse(toPrometheus(report));
    const name = "gen_ai_server_time_to_first_token_seconds";
    const buckets = valuesOf(samples, `${name}_bucket`);

    expect(buckets.map(({ labels }) => labels["le"])).toEqual([
      "0.001",
      "0.005",
      "0.01",
      "0.02",
      "0.04",
      "0.06",
      "0.08",
      "0.1",
      "0.25",
      "0.5",
      "0.75",
      "1",
      "2.5",
      "5",
      "7.5",
      "10",
      "+Inf",
    ]);
    const counts = buckets.map(({ value }) => value);
    expect([...counts].sort((a, b) => a - b)).toEqual(counts);
    expect(counts.at(-1)).toBe(360);
    expect(valuesOf(samples, `${name}_count`)[0]!.value).toBe(360);
    const errors = valuesOf(samples, "gen_ai_client_operation_duration_seconds_count").map(
      ({ labels }) => labels["error_type"],
    );
    expect(errors).toContain("503");
  });

  test("has the steps of a sweep, and its knee", async () => {
    const report = { ...(await sampleReport({ count: 20 })), load: await sampleSweep() };
    const samples = parse(toPrometheus(report));

    expect(valuesOf(samples, "inference_testkit_step_achieved_requests_per_second").map(({ value }) => value)).toEqual([
      10, 20, 40, 40, 40,
    ]);
    expect(valuesOf(samples, "inference_testkit_knee_info")).toMatchObject([
      { labels: { offered: "4", unit: "clients" }, value: 1 },
    ]);
  });

  test("without a measurement is still valid", async () => {
    const report = { ...(await sampleReport({ count: 20 })), load: undefined, verdicts: [] };

    expect(parse(toPrometheus(report)).map(({ name }) => name)).toEqual(["inference_testkit_run_info"]);
  });

  test("has every text as the value of a label, with escape sequences for what a terminal would interpret", async () => {
    const verdicts = HOSTILE_TEXTS.map((text, index) => {
      return { group: `${index}`, name: text, status: "fail" as const, message: text, expected: text, actual: text };
    });
    const samples = parse(
      toPrometheus({ ...(await sampleReport({ count: 20 })), verdicts, title: HOSTILE_TEXTS.join("\n") }),
    );

    expect(valuesOf(samples, "inference_testkit_verdict").map(({ labels }) => labels["name"])).toEqual(
      HOSTILE_TEXTS.map((text) => toVisibleText(text)),
    );
  });
});

test("help texts stay on one line, and numbers are those of the format", () => {
  const samples = [1e-12, Infinity, -Infinity, NaN].map((value, index) => ({ labels: { index }, value }));

  expect(writePrometheus([{ name: "a", type: "gauge", help: "one\ntwo \\ three", samples }])).toBe(
    '# HELP a one\\ntwo \\\\ three\n# TYPE a gauge\na{index="0"} 1e-12\na{index="1"} +Inf\na{index="2"} -Inf\na{index="3"} NaN\n',
  );
});
