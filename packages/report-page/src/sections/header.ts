import type { Context } from "../context.js";
import { formatTime } from "../format.js";
import { pageHeader } from "../page-header.js";
import type { ReportStatus } from "../testkit.js";

/** What a status is called. */
export const STATUS_LABELS: Readonly<Record<ReportStatus, string>> = {
  pass: "pass",
  fail: "fail",
  invalid: "invalid",
  inconclusive: "inconclusive",
  "not-enough-samples": "not enough samples",
  "not-comparable": "not comparable",
};

/** Title, where and when, and the verdict of all. */
export function header({ data }: Context): HTMLElement {
  const { title, createdAt, completeness, worker, machine, generator } = data.report;
  const startedAt = formatTime(data.load?.startedAt ?? createdAt);
  const program = `${generator.name} ${generator.version}`;
  return pageHeader({
    title,
    facts: [startedAt, machine?.model, machine?.gpu, worker?.baseUrl, program],
    completeness,
  });
}
