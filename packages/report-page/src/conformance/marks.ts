import { h } from "../dom.js";
import { MARKS, type CheckStatus, type PageCheck } from "../testkit.js";

/** Every verdict, the worst one first: the order of lists. */
export const STATUSES: readonly CheckStatus[] = ["fail", "error", "inconclusive", "pass", "not-applicable"];

/** What a verdict is called. */
export const STATUS_NAMES: Readonly<Record<CheckStatus, string>> = {
  fail: "failed",
  error: "error of the suite",
  inconclusive: "inconclusive",
  pass: "passed",
  "not-applicable": "not applicable",
};

/** The mark of a verdict; screen readers get its name from the text beside it. */
export function mark(status: CheckStatus): HTMLElement {
  return h("span", { class: `mark ${status}`, "aria-hidden": "true" }, MARKS[status]);
}

/** The address of a check in the page. */
export function addressOf(id: string): string {
  return `check-${id}`;
}

/** A verdict in words, with whether it was declared. */
export function describeStatus({ status, deviation }: PageCheck): string {
  if (deviation === null || status === "not-applicable") return STATUS_NAMES[status];
  return status === "pass" ? "passed, declared as a deviation" : `${STATUS_NAMES[status]}, declared deviation`;
}
