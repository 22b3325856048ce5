import { formatMs, formatNumber, formatValue, plural } from "../../numbers/index.js";
import { METRIC_DEFINITIONS, type MetricKey } from "../../load/metrics/registry.js";
import type { MetricDefinition } from "../../load/metrics/metric.js";
import type { StoredLoadResult } from "../../load/index.js";
import { PERCENTILE_KEYS, percentileLabel } from "../../load/metrics/distribution.js";
import { describeDifferences, listFigures, listLatencies, NOT_RECORDED } from "../../load/metrics/recorded.js";
import { joinMarkdown, MARKDOWN_LIMIT_BYTES, markdownTable, markdownText } from "./markdown.js";
import { describeAnswerLength } from "../answer-length.js";
import { groupErrors } from "../error-groups.js";
import { describeHeadline } from "../headline.js";
import { describeResponseTable } from "../response-table.js";
import { worstFirst } from "../worst-first.js";
import type { ReportStatus, ReportVerdict, RunReport } from "../run-report.js";

const MARKS: Readonly<Record<ReportStatus, string>> = {
  pass: "✅ pass",
  fail: "❌ fail",
  invalid: "⚠️ invalid",
  inconclusive: "⚠️ inconclusive",
  "not-enough-samples": "⚠️ not enough samples",
  "not-comparable": "⚠️ not comparable",
};

/**
 * A summary for `$GITHUB_STEP_SUMMARY` or a pull request: the verdicts and the main figures with their definitions. Text in the report
 * never becomes markup. A summary longer than `limitBytes` is cut at the end of a line, with a note.
 */
export function toMarkdown(
  report: RunReport,
  { limitBytes = MARKDOWN_LIMIT_BYTES }: { limitBytes?: number } = {},
): string {
  const { completeness, load, status, title } = report;
  const { word, facts } = describeHeadline(report);
  const lines = [
    `## ${MARKS[status].split(" ", 1)[0] ?? ""} ${markdownText(`${word}: ${facts.join(" · ")}`)}`,
    "",
    markdownText(title),
    "",
    ...(completeness.status === "partial" ? [`**Partial result:** ${markdownText(completeness.reason)}`, ""] : []),
    ...writeVerdicts(report),
    ...writeProvenance(report),
    ...writeRequests(report),
    ...(load === undefined
      ? []
      : [
          ...writeResponse(load),
          ...writeFigures(load),
          ...writeLatencies(load),
          ...writeNotes(load),
          ...writeErrors(load),
          ...writeDefinitions(load),
        ]),
  ];
  return joinMarkdown(lines, { limitBytes, whole: "run.json and report.html have" });
}

/** Those that pass are folded: a reader looks for the others. */
function writeVerdicts({ verdicts }: RunReport): string[] {
  if (verdicts.length === 0) return ["Nothing was judged.", ""];
  const passed = verdicts.filter(({ status }) => status === "pass");
  const others = worstFirst(verdicts).filter(({ status }) => status !== "pass");
  return [
    ...(others.length === 0 ? [] : verdictTable(others)),
    ...(passed.length === 0 ? [] : foldPassed(passed, verdicts.length)),
  ];
}

function foldPassed(passed: readonly ReportVerdict[], count: number): string[] {
  const summary = `${passed.length} of ${plural(count, "verdict")} ${passed.length === 1 ? "passes" : "pass"}`;
  return [`<details><summary>${summary}</summary>`, "", ...verdictTable(passed), "</details>", ""];
}

function verdictTable(verdicts: readonly ReportVerdict[]): string[] {
  const rows = verdicts.map(({ status, group, name, expected, actual, message }) => {
    return [MARKS[status], group, name, expected ?? "–", actual ?? "–", status === "pass" ? "" : message];
  });
  return markdownTable(["Verdict", "About", "Name", "Expected", "Got", ""], rows);
}

function writeProvenance({ provenance, comparison }: RunReport): string[] {
  const { differences = [] } = comparison?.outcome ?? {};
  const rows = differences.map(({ label, baseline, current }) => [label, baseline, current]);
  return [
    ...(provenance === undefined ? [] : [`**Command:** ${markdownText(provenance.command)}`, ""]),
    ...(provenance === undefined || provenance.commit === null
      ? []
      : [`**Commit:** ${markdownText(provenance.commit)}`, ""]),
    ...(rows.length === 0 ? [] : markdownTable(["Differs from the baseline", "Baseline", "This run"], rows)),
  ];
}

function writeRequests({ requests }: RunReport): string[] {
  if (requests === undefined) return [];
  const { dialect, recognizedBy, model } = requests;
  const asked = [`dialect ${dialect}`, ...(recognizedBy === null ? [] : [recognizedBy]), model ?? "no model named"];
  return [
    `**Requests:** ${markdownText(asked.join("; "))}`,
    "",
    `**Length of answers:** ${markdownText(describeAnswerLength(requests))}`,
    "",
  ];
}

function writeResponse({ response }: StoredLoadResult): string[] {
  if (response === undefined) return [];
  const { columns, rows, note } = describeResponseTable(response);
  return [`**Load response:** ${markdownText(note)}`, "", ...markdownTable(columns, rows)];
}

function writeFigures(load: StoredLoadResult): string[] {
  const rows = listFigures(load).map(([metric, figure]) => {
    const { title } = definitionOf(load, metric);
    if (figure === undefined) return [title, NOT_RECORDED.message];
    return [title, `${formatValue(figure.value, figure.unit)}${figure.isEstimated ? " (estimated)" : ""}`];
  });
  const { attempted, byStatus } = load.counts;
  const statuses = Object.entries(byStatus).map(([status, count]) => markdownText(`${formatNumber(count)} ${status}`));
  return [
    `**${formatNumber(attempted)} requests:** ${statuses.join(", ")}`,
    "",
    ...markdownTable(["Figure", "Value"], rows),
  ];
}

function writeLatencies(load: StoredLoadResult): string[] {
  const rows = listLatencies(load).map(([metric, distribution]) => {
    const { title } = definitionOf(load, metric);
    if (distribution === undefined) return [title, NOT_RECORDED.message, ...PERCENTILE_KEYS.map(() => "–")];
    const values = PERCENTILE_KEYS.map((key) => {
      const value = distribution.percentiles[key];
      return typeof value === "number" ? formatMs(value) : `needs ${formatNumber(value.need)}`;
    });
    return [title, formatNumber(distribution.count), ...values];
  });
  return markdownTable(["Latency", "Samples", ...PERCENTILE_KEYS.map((key) => percentileLabel(key))], rows);
}

function writeNotes(load: StoredLoadResult): string[] {
  return describeDifferences(load).flatMap((note) => [markdownText(note), ""]);
}

/** The definition in the file, which may come from a newer release; for a metric that the file lacks, this release's own. */
function definitionOf({ definitions }: StoredLoadResult, metric: MetricKey): MetricDefinition {
  return definitions[metric] ?? METRIC_DEFINITIONS[metric];
}

function writeErrors({ records }: StoredLoadResult): string[] {
  const groups = groupErrors(records);
  if (groups.length === 0) return [];
  const rows = groups.map(({ status, code, count, samples }) => {
    return [status, code ?? "–", formatNumber(count), samples[0]?.message ?? "–"];
  });
  return markdownTable(["Not ok", "Code", "Requests", "For example"], rows);
}

function writeDefinitions({ definitions }: StoredLoadResult): string[] {
  const rows = Object.values(definitions).map(
    ({ title, definition }) => `- **${markdownText(title)}**: ${markdownText(definition)}`,
  );
  return ["<details><summary>Definitions</summary>", "", ...rows, "", "</details>", ""];
}
