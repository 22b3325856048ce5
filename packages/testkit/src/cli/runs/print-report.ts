import { METRIC_DEFINITIONS } from "../../load/metrics/registry.js";
import { METRICS } from "../../load/index.js";
import { percentileLabel } from "../../load/metrics/distribution.js";
import { judgedMetric } from "../../load/metrics/judged-from.js";
import { NOT_RECORDED } from "../../load/metrics/recorded.js";
import {
  LATENCY_METRICS,
  metricOf,
  RUN_METRICS,
  type LatencyMetric,
  type MetricKey,
} from "../../load/metrics/registry.js";
import type { StoredLoadResult } from "../../load/index.js";
import { formatMs, formatValue, plural } from "../../numbers/index.js";
import { describeAnswerLength } from "../../report/answer-length.js";
import type { ReportStatus, ReportVerdict } from "../../report/run-report.js";
import type { RunReport } from "../../report/index.js";
import type { WrittenReport } from "../../report/write-report.js";
import { EXIT_CODES } from "../exit-codes.js";
import { describeResponse } from "./print-response.js";
import type { Output, OutputPart, StyledText } from "../../terminal/index.js";

const PRINTED_PERCENTILES = ["p50", "p90", "p95", "p99"] as const;

/** The exit code for a status. */
export function toExitCode(status: ReportStatus): number {
  if (status === "pass") return EXIT_CODES.ok;
  return status === "fail" ? EXIT_CODES.failed : EXIT_CODES.inconclusive;
}

/** Prints figures and verdicts in readable form. */
export function printReport(report: RunReport, output: Output): void {
  const { load, verdicts, status, completeness } = report;
  if (completeness.status === "partial") output.line(output.style("red", `partial result: ${completeness.reason}`));
  if (load !== undefined) for (const line of describeLoad(load)) output.line(line);
  if (load?.response !== undefined) for (const line of describeResponse(load.response)) output.line(line);
  if (report.requests !== undefined) output.line(`answers: ${describeAnswerLength(report.requests)}`);
  for (const one of verdicts) output.line(...describeVerdict(one, output));
  output.line(output.style("bold", "status:"), " ", colorStatus(status, output));
}

/** The same in machine-readable form, with the verdicts and the paths of the files. */
export function toDocument({ status, verdicts, completeness }: RunReport, written: WrittenReport | undefined): object {
  return { ok: status === "pass", status, completeness, verdicts, files: written?.files ?? null };
}

function describeLoad(load: StoredLoadResult): string[] {
  const { attempted, byStatus } = load.counts;
  const statuses = Object.entries(byStatus).map(([status, count]) => `${count} ${status}`);
  const figures = RUN_METRICS.filter(isPrinted).map((metric) => {
    const figure = load.figures[metric];
    return figure === undefined
      ? `${METRICS[metric].title} ${NOT_RECORDED.message}`
      : formatValue(figure.value, figure.unit);
  });
  return [
    [`${plural(attempted, "request")} (${statuses.join(", ")})`, ...figures].join(", "),
    ...LATENCY_METRICS.filter(isPrinted).map((metric) =>
      describeLatency(load, judgedMetric(metric, load.plan.judgedFrom)),
    ),
  ];
}

function isPrinted(metric: MetricKey): boolean {
  return metricOf(metric).shownIn?.includes("console") === true;
}

function describeLatency({ latency }: StoredLoadResult, metric: LatencyMetric): string {
  const { title } = METRIC_DEFINITIONS[metric];
  const percentiles = latency[metric]?.percentiles;
  if (percentiles === undefined) return `${title}: ${NOT_RECORDED.message}`;
  const values = PRINTED_PERCENTILES.map((key) => {
    const value = percentiles[key];
    const text = typeof value === "number" ? formatMs(value) : `needs ${plural(value.need, "sample")}`;
    return `${percentileLabel(key)} ${text}`;
  });
  return `${title}: ${values.join("  ")}`;
}

function describeVerdict({ status, name, message }: ReportVerdict, output: Output): OutputPart[] {
  return [colorStatus(status, output), `  ${name}${status === "pass" ? "" : `: ${message}`}`];
}

function colorStatus(status: ReportStatus, output: Output): StyledText {
  return output.style(status === "pass" ? "green" : "red", status);
}
