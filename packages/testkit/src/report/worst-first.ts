import type { ReportStatus, ReportVerdict } from "./run-report.js";

/** Worst first. A failure counts even if other verdicts are inconclusive. */
export const WORST_FIRST: readonly ReportStatus[] = [
  "fail",
  "invalid",
  "not-comparable",
  "inconclusive",
  "not-enough-samples",
  "pass",
];

/** A copy in this order; verdicts of one status keep theirs. */
export function worstFirst(verdicts: readonly ReportVerdict[]): ReportVerdict[] {
  return [...verdicts].sort((a, b) => WORST_FIRST.indexOf(a.status) - WORST_FIRST.indexOf(b.status));
}
