import type { RunReport } from "../run-report.js";
import { composePage } from "./compose-page.js";
import { readPageAssets } from "./page-assets.js";
import { toPageData } from "./page-data.js";

/**
 * One self-contained HTML file: it loads nothing from the network, and its content security policy forbids it. Text in the report cannot
 * become markup or script.
 *
 * @example await writeFile("report.html", await toHtml(report))
 */
export function toHtml(report: RunReport): Promise<string> {
  return toRunPage(report);
}

/** The same page, which may also follow a run that is under way. */
export async function toRunPage(report: RunReport, { isLive = false } = {}): Promise<string> {
  const data = await toPageData(report);
  const parts = {
    title: `${data.headline.word} ${data.headline.facts[0] ?? ""} – ${report.title}`,
    data,
    isLive,
    withoutScript: "This report is drawn by a script in this file. The figures are also in summary.md and run.json.",
  };
  return composePage(parts, await readPageAssets("run"));
}
