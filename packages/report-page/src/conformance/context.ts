import type { ConformancePageData } from "../testkit.js";
import { CheckFilter } from "./filter.js";
import { STATUSES } from "./marks.js";

/** The input of every section. */
export interface Context {
  /** The checks are ordered: the worst verdict first, and then as in the catalogue. */
  readonly report: ConformancePageData;
  readonly filter: CheckFilter;
}

/** What the sections show of a report. */
export function readContext(report: ConformancePageData): Context {
  const rank = ({ status }: { readonly status: (typeof STATUSES)[number] }): number => STATUSES.indexOf(status);
  const checks = report.checks.toSorted((one, other) => rank(one) - rank(other));
  return { report: { ...report, checks }, filter: new CheckFilter() };
}
