import type { RequestRecord, StoredLoadResult } from "../../load/index.js";
import type { Distribution, PercentileKey } from "../../load/metrics/distribution.js";
import { PERCENTILES, PERCENTILE_KEYS } from "../../load/metrics/distribution.js";
import { listFigures, listLatencies } from "../../load/metrics/recorded.js";
import type { RunReport } from "../run-report.js";
import { describeError, describeRun, GEN_AI_METRICS, type Attributes, type GenAiMetric } from "./gen-ai.js";
import { toName, writeNumber, writePrometheus, type Family, type Sample } from "./prometheus-text.js";

/**
 * A run in Prometheus' text format, for a textfile collector or a push gateway: the requests as histograms of the GenAI semantic conventions, and
 * the figures, percentiles and verdicts as gauges with the prefix `inference_testkit_`. Times are in seconds.
 */
export function toPrometheus(report: RunReport): string {
  const { load, verdicts } = report;
  return writePrometheus([
    describeInfo(report),
    gauge(
      "verdict",
      "1 for each verdict of the run.",
      verdicts.map(({ group, name, status }) => one({ group, name, status })),
    ),
    ...(load === undefined ? [] : describeLoad(load, describeRun(report))),
  ]);
}

function describeInfo({ title, status, generator, createdAt, machine, requests }: RunReport): Family {
  const facts = {
    title,
    status,
    version: generator.version,
    created_at: createdAt,
    model: requests?.model ?? machine?.model ?? "",
    dialect: requests?.dialect ?? "",
    worker_version: machine?.workerVersion ?? "",
  };
  return gauge("run_info", "Facts about the run.", [one(facts)]);
}

function describeLoad(load: StoredLoadResult, run: Attributes): Family[] {
  const { counts, startedAt, window } = load;
  const statuses = Object.entries(counts.byStatus).map(([status, value]) => ({ labels: { status }, value }));
  return [
    gauge("run_start_time_seconds", "When the measured phase began.", [plain(Date.parse(startedAt) / 1000)]),
    gauge("run_duration_seconds", "From the first send to the last close.", [plain(window.durationMs / 1000)]),
    gauge("requests", "Requests of the run by status.", statuses),
    ...describeFigures(load),
    describePercentiles(load),
    ...describeSteps(load),
    ...GEN_AI_METRICS.map((metric) => toHistogram(metric, load.records, run)),
  ];
}

function describeFigures(load: StoredLoadResult): Family[] {
  return listFigures(load).flatMap(([metric, figure]) => {
    if (figure === undefined) return [];
    const unit = {
      "requests/s": "_requests_per_second",
      "tokens/s": "_tokens_per_second",
      share: "_ratio",
      requests: "",
      ms: "_ms",
    }[figure.unit];
    const name = metric.replace(/Ratio$/, "").replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    return [gauge(`figure_${name}${unit}`, load.definitions[metric]?.definition ?? metric, [plain(figure.value)])];
  });
}

/** Only percentiles that have enough samples. */
function describePercentiles(load: StoredLoadResult): Family {
  const samples = listLatencies(load).flatMap(([metric, distribution]) => {
    return distribution === undefined ? [] : toQuantiles(distribution, { metric });
  });
  return gauge("latency_seconds", "Percentiles of latencies that have enough samples.", samples);
}

function toQuantiles(
  { percentiles }: Distribution,
  labels: Readonly<Record<string, string>>,
  keys: readonly PercentileKey[] = PERCENTILE_KEYS,
): Sample[] {
  return keys.flatMap((key) => {
    const value = percentiles[key];
    if (typeof value !== "number") return [];
    return [{ labels: { ...labels, quantile: String(PERCENTILES[key]) }, value: value / 1000 }];
  });
}

function describeSteps({ response }: StoredLoadResult): Family[] {
  if (response === undefined) return [];
  const { steps, offeredUnit, knee } = response;
  const labelled = steps.map((step, index) => {
    const labels = { step: String(index), offered: writeNumber(step.offered), unit: offeredUnit };
    return { ...step, labels };
  });
  const latencies = labelled.flatMap(({ ttft, itl, labels }) => [
    ...toQuantiles(ttft, { ...labels, metric: ttft.metric }, ["p50", "p95"]),
    ...toQuantiles(itl, { ...labels, metric: itl.metric }, ["p50", "p95"]),
  ]);
  const kneeStep = knee.status === "found" ? labelled[knee.step] : undefined;
  return [
    gauge(
      "step_achieved_requests_per_second",
      "ok requests per second of each step of the load.",
      labelled.map(({ labels, achievedPerSec: value }) => ({ labels, value })),
    ),
    gauge(
      "step_goodput_requests_per_second",
      "Requests that meet the SLO, per second, of each step of the load.",
      labelled.map(({ labels, goodputPerSec: value }) => ({ labels, value })),
    ),
    gauge("step_latency_seconds", "Percentiles of each step of the load.", latencies),
    gauge(
      "knee_info",
      "The step beyond which more load costs more latency than it gains throughput.",
      kneeStep === undefined ? [] : [one(kneeStep.labels)],
    ),
  ];
}

/** The requests by their attributes; each has cumulative buckets. */
function toHistogram(metric: GenAiMetric, records: readonly RequestRecord[], run: Attributes): Family {
  const groups = new Map<string, { labels: Attributes; values: number[] }>();
  for (const record of records) {
    const value = metric.measure(record);
    if (value === undefined) continue;
    const labels = { ...run, ...metric.attributes, ...describeError(record) };
    const key = JSON.stringify(labels);
    const group = groups.get(key) ?? { labels, values: [] };
    group.values.push(value);
    groups.set(key, group);
  }
  const unit = metric.unit === "s" ? "_seconds" : "";
  const samples = [...groups.values()].flatMap(({ labels, values }) => toBuckets(values, labels, metric.bounds));
  return { name: `${toName(metric.name)}${unit}`, type: "histogram", help: metric.description, samples };
}

function toBuckets(values: readonly number[], labels: Attributes, bounds: readonly number[]): Sample[] {
  const buckets = [...bounds, Infinity].map((bound) => {
    const value = values.reduce((count, each) => count + (each <= bound ? 1 : 0), 0);
    return { suffix: "_bucket", labels: { ...labels, le: writeNumber(bound) }, value };
  });
  const sum = values.reduce((total, value) => total + value, 0);
  return [...buckets, { suffix: "_sum", labels, value: sum }, { suffix: "_count", labels, value: values.length }];
}

function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name: `inference_testkit_${name}`, type: "gauge", help, samples };
}

function one(labels: Sample["labels"]): Sample {
  return { labels, value: 1 };
}

function plain(value: number): Sample {
  return { labels: {}, value };
}
