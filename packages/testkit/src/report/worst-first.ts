import type { ReportStatus } from "./run-report.js";

/** Worst first. A failure counts even if other verdicts are inconclusive. */
export const WORST_FIRST: readonly ReportStatus[] = [
  "fail",
  "invalid",
  "not-comparable",
  "inconclusive",
  "not-enough-samples",
  "pass",
];
