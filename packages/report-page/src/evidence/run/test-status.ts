import type { PageTest, PageTestStatus } from "../../testkit.js";

/** The order of the list. */
export const TEST_STATUSES: readonly PageTestStatus[] = ["failed", "not-run", "passed", "skipped"];

/** What each is called. */
export const STATUS_NAMES: Readonly<Record<PageTestStatus, string>> = {
  failed: "failed",
  "not-run": "did not run",
  passed: "passed",
  skipped: "skipped",
};

/** The place of a test in the list. */
export function rankOf({ status }: Pick<PageTest, "status">): number {
  return TEST_STATUSES.indexOf(status);
}
