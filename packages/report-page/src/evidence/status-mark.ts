import { h } from "../dom.js";
import type { PageStatus, PageTestStatus } from "../testkit.js";

const MARKS: Readonly<Record<PageStatus | PageTestStatus, readonly [look: string, sign: string, name: string]>> = {
  ok: ["pass", "✓", "ok"],
  warn: ["inconclusive", "!", "warning"],
  fail: ["fail", "✗", "failed"],
  passed: ["pass", "✓", "passed"],
  failed: ["fail", "✗", "failed"],
  skipped: ["", "–", "skipped"],
  "not-run": ["inconclusive", "!", "did not run"],
};

/** The mark of a status, with its name for screen readers. */
export function statusMark(status: PageStatus | PageTestStatus): HTMLElement {
  const [look, sign, name] = MARKS[status];
  const sees = h("span", { class: `mark ${look}`, "aria-hidden": "true" }, sign);
  return h("span", { class: "status-mark" }, sees, h("span", { class: "hidden" }, `${name}: `));
}
