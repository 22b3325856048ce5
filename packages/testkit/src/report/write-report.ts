import { toHtml } from "./html/to-html.js";
import type { RunReport } from "./run-report.js";
import { prepareReportFolder, writeFiles, type FileMakers } from "./write-files.js";
import { toCsv } from "./writers/to-csv.js";
import { toJson } from "./writers/to-json.js";
import { toJsonLines } from "./writers/to-jsonl.js";
import { toJUnit } from "./writers/to-junit.js";
import { toMarkdown } from "./writers/to-markdown.js";

/** The files of a report, in the order in which they are written. */
export const REPORT_FILES = [
  "run.json",
  "requests.jsonl",
  "requests.csv",
  "junit.xml",
  "summary.md",
  "report.html",
] as const;

/** Where the files are. */
export interface WrittenReport {
  readonly folder: string;
  readonly files: Readonly<Record<(typeof REPORT_FILES)[number], string>>;
}

/**
 * Writes all files of a report into a folder, which is created if it does not exist. No reader ever sees half a file.
 *
 * @throws {REPORT_FAILED} the folder cannot be written.
 * @example await writeReport(createRunReport({ load: result }), "run");
 */
export async function writeReport(report: RunReport, folder: string): Promise<WrittenReport> {
  const where = await prepareReportFolder(folder);
  const records = report.load?.records ?? [];
  const makers: FileMakers<(typeof REPORT_FILES)[number]> = {
    "run.json": () => toJson(report),
    "requests.jsonl": () => toJsonLines(records),
    "requests.csv": () => toCsv(records),
    "junit.xml": () => toJUnit(report),
    "summary.md": () => toMarkdown(report),
    "report.html": () => toHtml(report),
  };
  return { folder: where, files: await writeFiles(where, makers) };
}
