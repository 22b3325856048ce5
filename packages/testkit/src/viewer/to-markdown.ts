import { formatMs } from "../numbers/index.js";
import { joinMarkdown, MARKDOWN_LIMIT_BYTES, markdownTable, markdownText } from "../report/writers/markdown.js";
import type { PageRun, PageTest, PageTestStatus } from "./page-data.js";

const STATUSES: Readonly<Record<PageTestStatus, string>> = {
  failed: "failed",
  "not-run": "did not run",
  passed: "passed",
  skipped: "skipped",
};
/** A summary lists what failed; the page has the rest. */
const MOST_FAILURES = 50;

/** A summary for `$GITHUB_STEP_SUMMARY`: what failed, and where the page is. @param link from the summary to the page. */
export function runToMarkdown(run: PageRun, link: string): string {
  const { tests, errors } = run;
  const failed = tests.filter(({ status }) => status === "failed");
  const isOk = failed.length + errors.length === 0;
  const shown = failed.slice(0, MOST_FAILURES);
  const omitted = failed.length - shown.length;
  const lines = [
    `## ${isOk ? "✅" : "❌"} Tests with ${markdownText(run.runner)}: ${describeCounts(run)}`,
    "",
    ...(failed.length === 0 ? [] : markdownTable(["Failed", "Error", "Time", "Worker"], shown.map(toRow))),
    ...(omitted === 0 ? [] : [`${omitted} more failed.`, ""]),
    ...errors.flatMap(({ message }) => [`**Error outside tests:** ${markdownText(firstLine(message))}`, ""]),
    `[All tests with their evidence](${encodeURI(link)}): \`${link.replaceAll("`", "'")}\``,
    "",
  ];
  return joinMarkdown(lines, { limitBytes: MARKDOWN_LIMIT_BYTES, whole: "The page has" });
}

function describeCounts({ tests, errors, omittedTestCount }: PageRun): string {
  const counts = (Object.keys(STATUSES) as PageTestStatus[]).flatMap((status) => {
    const count = tests.filter((test) => test.status === status).length;
    return count === 0 ? [] : [`${count} ${STATUSES[status]}`];
  });
  if (errors.length > 0) counts.push(`${errors.length} ${errors.length === 1 ? "error" : "errors"} outside tests`);
  return [...counts, ...(omittedTestCount === 0 ? [] : [`${omittedTestCount} more`])].join(", ") || "no tests";
}

function toRow({ name, file, errors, durationMs, workers }: PageTest): string[] {
  const left = workers.flatMap(({ stop }) => stop?.survivors ?? []).length;
  const about = workers.map(({ kind, id }) => `${kind} ${id}`);
  const facts = [...about, ...(left === 0 ? [] : [`${left} survivors`])].join(", ");
  return [file === null ? name : `${name} (${file})`, firstLine(errors[0]?.message ?? ""), formatMs(durationMs), facts];
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]?.slice(0, 500) ?? "";
}
