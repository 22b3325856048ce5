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
