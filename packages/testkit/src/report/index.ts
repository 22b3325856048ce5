export { createRunReport, type RunReportParts } from "./create-run-report.js";
export { toHtml } from "./html/to-html.js";
export { parseRunReport } from "./parse-run-report.js";
export type {
  BaselineFacts,
  Completeness,
  CurvePoint,
  ReportComparison,
  ReportStatus,
  ReportVerdict,
  ReportWorker,
  RunReport,
} from "./run-report.js";
export { prepareReportFolder, REPORT_FILES, writeReport, type WrittenReport } from "./write-report.js";
export { toCsv } from "./writers/to-csv.js";
export { toJson } from "./writers/to-json.js";
export { toJsonLines } from "./writers/to-jsonl.js";
export { toJUnit } from "./writers/to-junit.js";
export { toMarkdown } from "./writers/to-markdown.js";
