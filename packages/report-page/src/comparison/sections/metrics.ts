import { differencesTable } from "../../differences-table.js";
import { comparedCells, pairOf, verdictBadge } from "../../compared-metrics.js";
import { note, section } from "../../dom.js";
import { table } from "../../table.js";
import type { MetricComparison } from "../../testkit.js";
import type { Context } from "../context.js";
import { dotStrip } from "../dot-strip.js";

const COLUMNS = [
  { title: "Verdict" },
  { title: "Metric", isPhrase: true },
  { title: "Baseline", isNumber: true },
  { title: "Current", isNumber: true },
  { title: "Difference", isNumber: true },
  { title: "Allowed", isNumber: true },
  { title: "p", isNumber: true },
  { title: "Runs" },
];

/** Every figure of both sides, with its difference and its runs. */
export function metricsSection(context: Context): HTMLElement {
  const { outcome } = context.data;
  const made = section("figures", "Figures");
  const { differences = [] } = outcome;
  if (differences.length > 0) made.append(differencesTable(differences));
  const reasons = differences.length > 0 ? [] : outcome.reasons; // the table has them
  for (const reason of [...reasons, ...outcome.notes]) made.append(note(reason));
  if (outcome.metrics.length === 0) {
    made.append(note("The sides are not comparable, so no values are set side by side."));
    return made;
  }
  const rows = outcome.metrics.map((metric, index) => describeRow(context, metric, index));
  made.append(
    table("Figures of both sides", COLUMNS, { rows, isStacked: true }),
    note(
      "Each dot is a run: the baseline above, the current side below. “Moved, not proven”: worse by more than is allowed, but with too few runs or samples, or not significantly. p is that of the rank test (Mann–Whitney, one-sided).",
    ),
  );
  return made;
}

function describeRow({ data, definitions }: Context, metric: MetricComparison, index: number): (string | Node)[] {
  const name = definitions.title(metric.metric);
  const label = metric.statistic === "value" ? name : `${name}, ${metric.statistic}`;
  const dots = data.dots[index] ?? { baseline: [], current: [] };
  return [
    verdictBadge(metric),
    definitions.link(metric.metric, label),
    ...comparedCells(metric, pairOf(metric)),
    dotStrip(dots, metric.unit),
  ];
}
