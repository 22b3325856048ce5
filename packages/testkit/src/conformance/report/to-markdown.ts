import { joinMarkdown, MARKDOWN_LIMIT_BYTES, markdownTable, markdownText } from "../../report/writers/markdown.js";
import type { CheckResult, ConformanceComparison, ConformanceReport } from "./conformance-report.js";
import { describeCoverage, MARKS } from "./marks.js";

const STATUS_MARKS = { pass: "✅ pass", fail: "❌ fail", inconclusive: "⚠️ inconclusive" } as const;

/** A summary for `$GITHUB_STEP_SUMMARY` or a pull request. Texts of the report never become markup in it. */
export function conformanceToMarkdown(report: ConformanceReport): string {
  const { server, status, message, coverage, level, completeness, comparison, checks } = report;
  const model = server.model === null ? "" : `, model ${server.model}`;
  const lines = [
    `## Conformance: ${STATUS_MARKS[status]}`,
    "",
    `**${markdownText(describeCoverage(coverage))}** (level ${level}). ${markdownText(message)}.`,
    "",
    markdownText(`Server: ${server.url}, dialect ${server.dialect}${model}`),
    "",
    ...(completeness.status === "partial" ? [`**Partial result:** ${markdownText(completeness.reason)}`, ""] : []),
    ...writeProblems(report),
    ...writeComparison(comparison, checks),
    ...writeAreas(report),
    ...writeOpen(report),
  ];
  return joinMarkdown(lines, { limitBytes: MARKDOWN_LIMIT_BYTES, whole: "conformance.json has" });
}

function writeProblems({ checks, notSeen, restarts }: ConformanceReport): string[] {
  const failed = checks.filter(({ status }) => status === "fail" || status === "error");
  const rows = failed.map(({ id, title, expected, got, message, deviation }) => {
    const known = deviation === null ? "" : `declared: ${deviation.reason}`;
    return [id, title, expected ?? "–", got ?? message, known];
  });
  const table = rows.length === 0 ? [] : markdownTable(["Check", "What should hold", "Expected", "Got", ""], rows);
  return [
    ...table,
    ...notSeen.flatMap((id) => [markdownText(`Declared, but not seen: ${id}`), ""]),
    ...checks.flatMap(({ id, notes = [] }) => notes.flatMap((text) => [markdownText(`Note on ${id}: ${text}`), ""])),
    ...restarts.flatMap(({ after, reason }) => [markdownText(`Started again after ${after}: ${reason}`), ""]),
  ];
}

function writeComparison(comparison: ConformanceComparison | null, checks: readonly CheckResult[]): string[] {
  if (comparison === null) return [];
  const { worse, better, added, removed, createdAt } = comparison;
  const rows = [
    ...worse.map(({ id, before, after }) => {
      const check = checks.find((each) => each.id === id);
      return ["worse", id, before, after, check?.expected ?? "–", check?.got ?? check?.message ?? ""];
    }),
    ...better.map(({ id, before, after }) => ["better", id, before, after, "", ""]),
    ...added.map((id) => ["new", id, "–", "", "", ""]),
    ...removed.map((id) => ["not run", id, "", "–", "", ""]),
  ];
  const title = `Compared with the report of ${createdAt}:`;
  if (rows.length === 0) return [markdownText(`${title} no check has another verdict.`), ""];
  return [markdownText(title), "", ...markdownTable(["", "Check", "Before", "Now", "Expected", "Got"], rows)];
}

function writeAreas({ areas }: ConformanceReport): string[] {
  const rows = areas.map(({ title, coverage: { ran, selected, byStatus } }) => {
    return [title, `${ran} of ${selected}`, String(byStatus.pass), String(byStatus.fail)];
  });
  return markdownTable(["Area", "Ran", "Passed", "Failed"], rows);
}

function writeOpen({ checks }: ConformanceReport): string[] {
  const open = checks.filter(({ status }) => status === "inconclusive" || status === "not-applicable");
  if (open.length === 0) return [];
  return [
    `<details><summary>${open.length} without a verdict</summary>`,
    "",
    ...open.map(writeItem),
    "",
    "</details>",
    "",
  ];
}

function writeItem({ id, status, message }: CheckResult): string {
  return `- ${MARKS[status]} **${markdownText(id)}**: ${markdownText(`${status}: ${message}`)}`;
}
