import { toVisibleText } from "../../terminal/index.js";
import type { LoadResult } from "../../load/index.js";
import { REQUEST_METRICS, RUN_METRICS } from "../../load/metrics/definitions.js";
import { PERCENTILES, type PercentileKey } from "../../load/metrics/distribution.js";
import { groupErrors } from "../error-groups.js";
import { formatNumber, formatValue } from "../format.js";
import type { ReportStatus, RunReport } from "../run-report.js";

const LATENCY_METRICS = [...REQUEST_METRICS, "gap"] as const;

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
 * report are no markup in it. Longer than `limitBytes`, it is cut at the end of a line and says so.
 */
export function toMarkdown(
  report: RunReport,
  { limitBytes = MARKDOWN_LIMIT_BYTES }: { limitBytes?: number } = {},
): string {
  const { completeness, load, verdict, title } = report;
  const lines = [
    `## ${text(title)}: ${MARKS[verdict]}`,
    "",
    ...(completeness.status === "partial" ? [`**Partial result:** ${text(completeness.reason)}`, ""] : []),
    ...writeVerdicts(report),
    ...(load === undefined
      ? []
      : [...writeFigures(load), ...writeLatencies(load), ...writeErrors(load), ...writeDefinitions(load)]),
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

function writeFigures({ counts, figures, definitions }: LoadResult): string[] {
  const rows = RUN_METRICS.map((metric) => {
    const { value, unit, isEstimated } = figures[metric];
    return [definitions[metric].title, `${formatValue(value, unit)}${isEstimated ? " (estimated)" : ""}`];
  });
  const { attempted, byStatus } = counts;
  const statuses = Object.entries(byStatus).map(([status, count]) => text(`${formatNumber(count)} ${status}`));
  return [`**${formatNumber(attempted)} requests:** ${statuses.join(", ")}`, "", ...table(["Figure", "Value"], rows)];
}

function writeLatencies({ latency, definitions }: LoadResult): string[] {
  const keys = Object.keys(PERCENTILES) as PercentileKey[];
  const rows = LATENCY_METRICS.map((metric) => {
    const { count, percentiles } = latency[metric];
    const values = keys.map((key) => {
      const value = percentiles[key];
      return typeof value === "number" ? formatValue(value, "ms") : `needs ${formatNumber(value.need)}`;
    });
    return [definitions[metric].title, formatNumber(count), ...values];
  });
  return table(["Latency", "Samples", ...keys.map((key) => (key === "p999" ? "p99.9" : key))], rows);
}

function writeErrors({ records }: LoadResult): string[] {
  const groups = groupErrors(records);
  if (groups.length === 0) return [];
  const rows = groups.map(({ status, code, count, samples }) => {
    return [status, code ?? "–", formatNumber(count), samples[0]?.message ?? "–"];
  });
  return table(["Not ok", "Code", "Requests", "For example"], rows);
}

function writeDefinitions({ definitions }: LoadResult): string[] {
  const rows = [...LATENCY_METRICS, ...RUN_METRICS].map((metric) => {
    const { title, definition } = definitions[metric];
    return `- **${text(title)}**: ${text(definition)}`;
  });
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
    "\n**This summary was cut here: it would have been too long. run.json and report.html have everything.**\n";
  let [size, count] = [Buffer.byteLength(note), 0];
  for (const line of lines) {
    size += Buffer.byteLength(line) + 1;
    if (size > limitBytes) break;
    count += 1;
  }
  return `${lines.slice(0, count).join("\n")}\n${note}`;
}
