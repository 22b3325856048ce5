import type { MetricComparison } from "../../../load/index.js";
import { formatValue } from "../../format.js";
import type { Context } from "../context.js";
import { h, note, section } from "../dom.js";
import { formatShare, plural } from "../format.js";
import { table } from "../table.js";
import { badge } from "./verdicts.js";

const COLUMNS = [
  { title: "Verdict" },
  { title: "Metric" },
  { title: "Baseline", isNumber: true },
  { title: "This run", isNumber: true },
  { title: "Change", isNumber: true },
  { title: "Allowed", isNumber: true },
  { title: "p", isNumber: true },
];

/** The run beside its baseline; nothing without one. */
export function comparisonSection(context: Context): HTMLElement | undefined {
  const { comparison } = context.data.report;
  if (comparison === undefined) return undefined;
  const { outcome, baseline } = comparison;
  const made = section("baseline", "Baseline");
  const runs = `${plural(outcome.runs.baseline, "valid run")} of the baseline, first of ${baseline.startedAt.slice(0, 10)}; ${plural(outcome.runs.current, "valid run")} now.`;
  made.append(h("p", {}, badge(outcome.verdict), ` ${runs}`));
  for (const reason of outcome.reasons) made.append(note(reason));
  if (outcome.metrics.length === 0) return made;
  made.append(table("Baseline and this run", COLUMNS, outcome.metrics.map((metric) => describeRow(context, metric))));
  const samples = outcome.sampleKind === "runs" ? "Each run is one sample." : "For want of runs, stretches of a run stand in for them.";
  made.append(
    note(
      `A metric fails when it is worse beyond what is allowed and the rank test (Mann–Whitney, one-sided) calls that significant. ${samples} Advisory figures have no influence.`,
    ),
  );
  return made;
}

function describeRow({ definitions }: Context, metric: MetricComparison): (string | Node)[] {
  const { baseline, current, unit, worseBy, tolerance, p, statistic } = metric;
  const name = definitions.title(metric.metric);
  const label = statistic === "value" ? name : `${name}, ${statistic}`;
  return [
    badge(metric.status),
    definitions.link(metric.metric, label),
    baseline === null ? "–" : formatValue(baseline, unit),
    current === null ? "–" : formatValue(current, unit),
    worseBy === null ? h("span", { title: metric.message }, "–") : describeChange(worseBy),
    formatShare(tolerance),
    p === null ? "–" : p.toFixed(4),
  ];
}

function describeChange(worseBy: number): string {
  if (Math.abs(worseBy) < 0.0005) return "equal";
  return worseBy > 0 ? `${formatShare(worseBy)} worse` : `${formatShare(-worseBy)} better`;
}
