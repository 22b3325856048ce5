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
import { describeHeadline, headlineText, type Headline } from "../../report/headline.js";
import type { ReportStatus, ReportVerdict } from "../../report/run-report.js";
import type { RunReport } from "../../report/index.js";
import { worstFirst } from "../../report/worst-first.js";
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

/** Prints what was decided first, then the figures and the verdicts; those that pass take one line together. */
export function printReport(report: RunReport, output: Output): void {
  const { load, verdicts, status, completeness } = report;
  printHeadline(describeHeadline(report), output);
  if (completeness.status === "partial") {
    output.paragraph(output.style("yellow", "partial result:"), ` ${completeness.reason}`);
  }
  if (load !== undefined) for (const line of describeLoad(load)) output.paragraph(line);
  if (load?.response !== undefined) for (const line of describeResponse(load.response)) output.line(line);
  if (report.requests !== undefined) output.paragraph(`answers: ${describeAnswerLength(report.requests)}`);
  const passed = verdicts.filter((one) => one.status === "pass").map(({ name }) => name);
  for (const one of worstFirst(verdicts)) if (one.status !== "pass") output.paragraph(...describeVerdict(one, output));
  if (passed.length > 0) output.paragraph(colorStatus("pass", output), `  ${passed.join(", ")}`);
  output.line(output.style("bold", "status:"), " ", colorStatus(status, output));
}

/** The first line of a command that judges. */
export function printHeadline({ status, word, facts }: Headline, output: Output): void {
  output.paragraph(output.style(colorOf(status), word), `  ${facts.join(" · ")}`);
}

/** The same in machine-readable form, with the verdicts and the paths of the files. */
export function toDocument(report: RunReport, written: WrittenReport | undefined): object {
  const { status, verdicts, completeness } = report;
  const headline = headlineText(describeHeadline(report));
  return { ok: status === "pass", status, headline, completeness, verdicts, files: written?.files ?? null };
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
  return [colorStatus(status, output), `  ${name}: ${message}`];
}

function colorStatus(status: ReportStatus, output: Output): StyledText {
  return output.style(colorOf(status), status);
}

/** Red is for what failed; what proves nothing is amber, here as in every other output. */
function colorOf(status: ReportStatus): "green" | "red" | "yellow" {
  if (status === "pass") return "green";
  return status === "fail" ? "red" : "yellow";
}
