import { prepareReportFolder, writeFiles, type FileMakers } from "../../report/write-files.js";
import { toVisibleJson } from "../../terminal/index.js";
import type { ConformanceReport } from "./conformance-report.js";
import { conformanceToHtml } from "./html/to-html.js";
import { conformanceToJUnit } from "./to-junit.js";
import { conformanceToMarkdown } from "./to-markdown.js";

/** The file that has the whole report. */
export const REPORT_FILE = "conformance.json";
/** The file for a person to read. */
export const PAGE_FILE = "conformance.html";

/** Writes all files of a report into a folder, which is created if it does not exist. @throws {REPORT_FAILED} */
export async function writeConformanceReport(report: ConformanceReport, folder: string) {
  const makers: FileMakers<typeof REPORT_FILE | "junit.xml" | "summary.md" | typeof PAGE_FILE> = {
    [REPORT_FILE]: () => conformanceToJson(report),
    "junit.xml": () => conformanceToJUnit(report),
    "summary.md": () => conformanceToMarkdown(report),
    [PAGE_FILE]: () => conformanceToHtml(report),
  };
  return writeFiles(await prepareReportFolder(folder), makers);
}

/** Characters that a terminal obeys are escaped: the file can be looked at, and its values are unchanged. */
function conformanceToJson(report: ConformanceReport): string {
  return `${toVisibleJson(JSON.stringify(report, null, 1))}\n`;
}
