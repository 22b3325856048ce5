import { isMovedUnproven } from "../../load/verdict/observed.js";
import type { MetricComparison } from "../../load/verdict/compare-metric.js";
import type { RunComparison } from "../../load/index.js";
import { plural } from "../../numbers/index.js";
import { describeComparedFigure } from "../compared-figure.js";
import { describeChange, wordOf, type Headline } from "../headline.js";

/** The first line of a comparison: what became worse, by how much, and whether that is proven. */
export function describeComparisonHeadline(outcome: RunComparison): Headline {
  const { status, reasons } = outcome;
  const [reason] = status === "pass" ? [] : reasons;
  const facts = [...listFacts(outcome), ...(reason === undefined ? [] : [reason.replace(/^not comparable: /, "")])];
  return { status, word: wordOf(status), facts: facts.length === 0 ? [describeCount(outcome)] : facts };
}

function listFacts({ status, metrics }: RunComparison): string[] {
  const failed = worstFirst(metrics.filter((metric) => metric.status === "fail"));
  const moved = worstFirst(metrics.filter(isMovedUnproven));
  const [lead, ...others] = failed.length > 0 ? failed : moved;
  if (lead === undefined) return status === "pass" ? [describeCount({ metrics })] : [];
  const change = describeChange(describeComparedFigure(lead));
  if (failed.length === 0) return [`${change}: moved, not proven`, ...countOthers(others, "more moved")];
  return [change, ...countOthers(others, "more failed"), ...countOthers(moved, "moved, not proven")];
}

function worstFirst(metrics: readonly MetricComparison[]): MetricComparison[] {
  const excess = ({ worseBy, observed, tolerance }: MetricComparison) => {
    return (observed?.worseBy ?? worseBy ?? 0) - tolerance;
  };
  return [...metrics].sort((a, b) => excess(b) - excess(a));
}

function countOthers(others: readonly unknown[], what: string): string[] {
  return others.length === 0 ? [] : [`${others.length} ${what}`];
}

function describeCount({ metrics }: Pick<RunComparison, "metrics">): string {
  const judged = metrics.filter(({ status }) => status === "pass");
  return judged.length === 0 ? "nothing was judged" : `${plural(judged.length, "figure")} within what is allowed`;
}
