import { h } from "./dom.js";
import { badge } from "./sections/badge.js";
import { formatP, formatShare, formatValue, isMovedUnproven, type MetricComparison } from "./testkit.js";

/** Two values of one metric. */
export type Pair = Readonly<Record<"baseline" | "current", number | null>>;

/** The values of a comparison: those that were judged, else those that were only observed. */
export function pairOf({ baseline, current, observed }: MetricComparison): Pair {
  return baseline === null && current === null && observed !== undefined ? observed : { baseline, current };
}

/** The verdict; a change beyond the tolerance that is not proven says so. */
export function verdictBadge(metric: MetricComparison): HTMLElement {
  return isMovedUnproven(metric) ? badge("inconclusive", "moved, not proven") : badge(metric.status);
}

/** "+22 %, worse": signed, from the baseline to the current side. */
export function describeDifference({ unit, worseBy }: MetricComparison, { baseline, current }: Pair): string {
  if (baseline === null || current === null) return "–";
  if (baseline === current) return "0 %";
  const by = unit === "share" ? current - baseline : baseline === 0 ? undefined : (current - baseline) / baseline;
  if (by === undefined) return "from 0";
  if (Math.abs(by) < 0.0005) return "0 %";
  const size = formatShare(Math.abs(by));
  const change = `${by > 0 ? "+" : "−"}${unit === "share" ? size.replace("%", "points") : size}`;
  const direction = worseBy === null ? undefined : worseBy > 0 ? "worse" : "better";
  return direction === undefined ? change : `${change}, ${direction}`;
}

/** The cells after the name of a metric. */
export function comparedCells(metric: MetricComparison, pair: Pair): (string | Node)[] {
  const { unit, tolerance, p, message } = metric;
  return [
    formatFigure(pair.baseline, unit),
    formatFigure(pair.current, unit),
    h("span", { title: message, class: differenceClass(metric) }, describeDifference(withObserved(metric), pair)),
    formatShare(tolerance),
    p === null ? "–" : formatP(p).replace(/^p (= )?/, ""),
  ];
}

function withObserved(metric: MetricComparison): MetricComparison {
  return metric.worseBy === null && metric.observed !== undefined
    ? { ...metric, worseBy: metric.observed.worseBy }
    : metric;
}

function differenceClass(metric: MetricComparison): string | undefined {
  if (metric.status === "fail") return "changed fail";
  return isMovedUnproven(metric) ? "changed" : undefined;
}

function formatFigure(value: number | null, unit: string): string {
  return value === null ? "–" : formatValue(value, unit);
}
