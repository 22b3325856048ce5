import { composePage } from "../../../report/html/compose-page.js";
import { readPageAssets } from "../../../report/html/page-assets.js";
import type { ConformanceReport } from "../conformance-report.js";
import { cutEvidence, type PageCheck } from "./cut-evidence.js";

/** The data of the page. */
export interface ConformancePageData extends Omit<ConformanceReport, "checks"> {
  readonly checks: readonly PageCheck[];
}

/** What the page shows of a report. */
export function toConformancePageData(report: ConformanceReport): ConformancePageData {
  return { ...report, checks: cutEvidence(report.checks) };
}

/** One self-contained HTML file, as safe as the page of a run report. Its size is bounded: evidence that does not fit is left out and counted. */
export async function conformanceToHtml(report: ConformanceReport, { isLive = false } = {}): Promise<string> {
  const parts = {
    title: `${report.status}: conformance of ${report.server.url}`,
    data: toConformancePageData(report),
    isLive,
    withoutScript:
      "This report is drawn by a script in this file. The verdicts are also in summary.md, junit.xml and conformance.json.",
  };
  return composePage(parts, await readPageAssets("conformance"));
}
