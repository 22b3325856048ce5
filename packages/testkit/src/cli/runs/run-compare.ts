import { basename, dirname, resolve } from "node:path";
import { compareRuns } from "../../load/index.js";
import { describeComparisonHeadline } from "../../report/comparison/comparison-headline.js";
import type { NamedRun } from "../../report/comparison/comparison-data.js";
import { comparisonToHtml } from "../../report/comparison/to-comparison-html.js";
import { prepareReportFolder } from "../../report/index.js";
import { writeFiles } from "../../report/write-files.js";
import { createOutput, printJson } from "../../terminal/index.js";
import type { CompareFlags } from "./flags.js";
import { printHeadline, toExitCode } from "./print-report.js";
import { readNamedRuns } from "./read-files.js";

const PAGE = "comparison.html";

/**
 * Compares the runs of two paths, prints every metric, and writes a page if asked.
 *
 * @returns the exit code. @throws {INVALID_OPTION} @throws {REPORT_INVALID} @throws {REPORT_FAILED}
 */
export async function runCompare(flags: CompareFlags, paths: { baseline: string; current: string }): Promise<number> {
  const output = createOutput(process.stdout, flags.json);
  const baseline = await readNamedRuns("<baseline>", paths.baseline);
  const current = await readNamedRuns("<current>", paths.current);
  const { tolerance, errorTolerance, allow } = flags;
  const outcome = compareRuns(loadsOf(baseline), loadsOf(current), { tolerance, errorTolerance, allow });
  printHeadline(describeComparisonHeadline(outcome), output);
  const [, ...lines] = outcome.message.split("\n");
  for (const line of lines) output.paragraph(line);
  const page =
    flags.out === undefined
      ? undefined
      : await writePage(flags.out, () => comparisonToHtml(outcome, { baseline, current }));
  output.line(page === undefined ? "no page was written; --out <folder> writes one" : `report: ${page}`);
  if (flags.json === true) printJson({ ...outcome, page: page ?? null });
  return toExitCode(outcome.status);
}

function loadsOf(runs: readonly NamedRun[]): NamedRun["load"][] {
  return runs.map(({ load }) => load);
}

/** A path that ends in `.html` is the file, any other one a folder for it. */
async function writePage(out: string, make: () => Promise<string>): Promise<string> {
  const isFile = out.endsWith(".html");
  const [folder, name] = isFile ? [dirname(resolve(out)), basename(out)] : [out, PAGE];
  const { [name]: path = "" } = await writeFiles(await prepareReportFolder(folder), { [name]: make });
  return path;
}
