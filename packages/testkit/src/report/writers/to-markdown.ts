import { formatMs, formatNumber, formatValue } from "../../numbers/index.js";
import { toVisibleText } from "../../terminal/index.js";
import { METRIC_DEFINITIONS, type MetricKey } from "../../load/metrics/registry.js";
import type { MetricDefinition } from "../../load/metrics/metric.js";
import type { StoredLoadResult } from "../../load/index.js";
import { PERCENTILE_KEYS, percentileLabel } from "../../load/metrics/distribution.js";
import { describeDifferences, listFigures, listLatencies, NOT_RECORDED } from "../../load/metrics/recorded.js";
import { describeAnswerLength } from "../answer-length.js";
import { groupErrors } from "../error-groups.js";
import type { ReportStatus, RunReport } from "../run-report.js";

/** GitHub drops a summary of more than 1 MiB as a whole. The margin is for what other steps write. */
export const MARKDOWN_LIMIT_BYTES = 1024 * 1024 - 64 * 1024;

const MARKS: Readonly<Record<ReportStatus, string>> = {
  pass: "✅ pass",
  fail: "❌ fail",
  invalid: "⚠️ invalid",
  inconclusive: "⚠️ inconclusive",
  "not-enough-samples": "⚠️ not enough samples",
  "not-comparable": "⚠️ not comparable",
};

/**
 * A summary for `$GITHUB_STEP_SUMMARY` or a pull request: the verdicts and the main figures with their definitions. Texts of the
 * report never become markup in it. If it is longer than `limitBytes`, it is cut at the end of a line and says so.
 */
export function toMarkdown(
  report: RunReport,
  { limitBytes = MARKDOWN_LIMIT_BYTES }: { limitBytes?: number } = {},
): string {
  const { completeness, load, status, title } = report;
  const lines = [
    `## ${text(title)}: ${MARKS[status]}`,
    "",
    ...(completeness.status === "partial" ? [`**Partial result:** ${text(completeness.reason)}`, ""] : []),
    ...writeVerdicts(report),
    ...writeRequests(report),
    ...(load === undefined
      ? []
      : [
          ...writeFigures(load),
          ...writeLatencies(load),
          ...writeNotes(load),
          ...writeErrors(load),
          ...writeDefinitions(load),
        ]),
  ];
  return cut(lines, limitBytes);
}

function writeVerdicts({ verdicts }: RunReport): string[] {
  if (verdicts.length === 0) return ["Nothing was judged.", ""];
  const rows = verdicts.map(({ status, group, name, expected, actual, message }) => {
    return [MARKS[status], group, name, expected ?? "–", actual ?? "–", status === "pass" ? "" : message];
  });
  return table(["Verdict", "About", "Name", "Expected", "Got", ""], rows);
}

function writeRequests({ requests }: RunReport): string[] {
  if (requests === undefined) return [];
  const { dialect, recognizedBy, model } = requests;
  const asked = [`dialect ${dialect}`, ...(recognizedBy === null ? [] : [recognizedBy]), model ?? "no model named"];
  return [
    `**Requests:** ${text(asked.join("; "))}`,
    "",
    `**Length of answers:** ${text(describeAnswerLength(requests))}`,
    "",
  ];
}

function writeFigures(load: StoredLoadResult): string[] {
  const rows = listFigures(load).map(([metric, figure]) => {
    const { title } = definitionOf(load, metric);
    if (figure === undefined) return [title, NOT_RECORDED.message];
    return [title, `${formatValue(figure.value, figure.unit)}${figure.isEstimated ? " (estimated)" : ""}`];
  });
  const { attempted, byStatus } = load.counts;
  const statuses = Object.entries(byStatus).map(([status, count]) => text(`${formatNumber(count)} ${status}`));
  return [`**${formatNumber(attempted)} requests:** ${statuses.join(", ")}`, "", ...table(["Figure", "Value"], rows)];
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
  return table(["Latency", "Samples", ...PERCENTILE_KEYS.map((key) => percentileLabel(key))], rows);
}

function writeNotes(load: StoredLoadResult): string[] {
  return describeDifferences(load).flatMap((note) => [text(note), ""]);
}

/** The definition of the file, which also has those of a newer release; of a metric that the file lacks, the one of this release. */
function definitionOf({ definitions }: StoredLoadResult, metric: MetricKey): MetricDefinition {
  return definitions[metric] ?? METRIC_DEFINITIONS[metric];
}

function writeErrors({ records }: StoredLoadResult): string[] {
  const groups = groupErrors(records);
  if (groups.length === 0) return [];
  const rows = groups.map(({ status, code, count, samples }) => {
    return [status, code ?? "–", formatNumber(count), samples[0]?.message ?? "–"];
  });
  return table(["Not ok", "Code", "Requests", "For example"], rows);
}

function writeDefinitions({ definitions }: StoredLoadResult): string[] {
  const rows = Object.values(definitions).map(({ title, definition }) => `- **${text(title)}**: ${text(definition)}`);
  return ["<details><summary>Definitions</summary>", "", ...rows, "", "</details>", ""];
}

/** The cells are text; what is markup in it is escaped here, for all of them. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const body = rows.map((row) => line(row.map((cell) => text(cell))));
  return [line(head), line(head.map(() => "---")), ...body, ""];
}

/** No character of it is markup, ends a cell or a line, or makes a link, a mention, a reference or an emoji of a name. */
function text(value: string): string {
  return toVisibleText(value)
    .replace(MARKUP, (match) => ESCAPES[match] ?? `\\${match}`)
    .trim();
}

const MARKUP = /[\\`*_{}[\]()#+!|~$@<>&]|:(?=\/\/|[\w+-]+:)|\.(?<=\bwww\.)|-(?<=\bGH-)/gi;

const ESCAPES: Readonly<Record<string, string>> = {
  "<": "&lt;",
  ">": "&gt;",
  "&": "&amp;",
  "|": "\\|",
  "@": "@<!-- -->",
  "#": "#<!-- -->",
  ":": "&#58;",
  ".": "&#46;",
  "-": "-<!-- -->",
};

function cut(lines: readonly string[], limitBytes: number): string {
  const whole = `${lines.join("\n")}\n`;
  if (Buffer.byteLength(whole) <= limitBytes) return whole;
  const note =
    "\n**This summary was cut here: the whole would be too long. run.json and report.html have everything.**\n";
  let [size, count] = [Buffer.byteLength(note), 0];
  for (const line of lines) {
    size += Buffer.byteLength(line) + 1;
    if (size > limitBytes) break;
    count += 1;
  }
  return `${lines.slice(0, count).join("\n")}\n${note}`;
}
