import { h } from "../dom.js";
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

/** A status as a coloured word: red only for what failed, amber for what proves nothing. */
export function badge(status: string, label?: string): HTMLElement {
  const known = (STATUS_LABELS as Readonly<Record<string, string>>)[status];
  return h("span", { class: `badge ${status}` }, label ?? known ?? status);
}

/** How a request ended: a request that was cut by its client did not fail. */
export function endBadge(status: string): HTMLElement {
  const isCut = status === "aborted" || status === "cancelled";
  return h("span", { class: `badge ${status === "ok" ? "pass" : isCut ? "inconclusive" : "fail"}` }, status);
}
