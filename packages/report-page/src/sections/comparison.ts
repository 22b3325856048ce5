import type { Context } from "../context.js";
import { differencesTable } from "../differences-table.js";
import { h, note, section } from "../dom.js";
import { table } from "../table.js";
import { comparedCells, pairOf, verdictBadge, type Pair } from "../compared-metrics.js";
import { badge } from "./badge.js";
import { plural, type LatencyMetric, type MetricComparison, type RecordedMetrics, type RunMetric } from "../testkit.js";

const COLUMNS = [
  { title: "Verdict" },
  { title: "Metric", isPhrase: true },
  { title: "Baseline", isNumber: true },
  { title: "This run", isNumber: true },
  { title: "Difference", isNumber: true },
  { title: "Allowed", isNumber: true },
  { title: "p", isNumber: true },
];

/** The run compared with its baseline; nothing without one. */
export function comparisonSection(context: Context): HTMLElement | undefined {
  const { comparison } = context.data.report;
  if (comparison === undefined) return undefined;
  const { outcome, baseline } = comparison;
  const made = section("baseline", "Baseline");
  const runs = `${plural(outcome.runs.baseline, "valid run")} of the baseline, first of ${baseline.startedAt.slice(0, 10)}; ${plural(outcome.runs.current, "valid run")} now.`;
  made.append(h("p", {}, badge(outcome.status), ` ${runs}`));
  const { differences = [] } = outcome;
  if (differences.length > 0) made.append(differencesTable(differences));
  const reasons = differences.length > 0 ? [] : outcome.reasons; // the table has them
  for (const reason of [...reasons, ...outcome.notes]) made.append(note(reason));
  if (outcome.metrics.length === 0) return made;
  made.append(
    table("Baseline and this run", COLUMNS, {
      rows: outcome.metrics.map((metric) => describeRow(context, metric)),
      isStacked: true,
    }),
  );
  const samples =
    outcome.sampleKind === "runs"
      ? "Each run is one sample."
      : "An earlier release made this comparison: with too few runs, parts of a run stood in for runs.";
  made.append(
    note(
      `A metric fails if it is worse by more than is allowed, the rank test (Mann–Whitney, one-sided) finds that significant, and it is beyond what is allowed by more than its standard error. It takes five runs on each side. ${samples} Advisory figures do not affect the result.`,
    ),
  );
  return made;
}

function describeRow(context: Context, metric: MetricComparison): (string | Node)[] {
  const { definitions } = context;
  const name = definitions.title(metric.metric);
  const label = metric.statistic === "value" ? name : `${name}, ${metric.statistic}`;
  return [
    verdictBadge(metric),
    definitions.link(metric.metric, label),
    ...comparedCells(metric, figuresOf(context, metric)),
  ];
}

/** Figures that could not be judged are shown as well, as far as the runs have them. */
function figuresOf({ data, baseline: before }: Context, metric: MetricComparison): Pair {
  const pair = pairOf(metric);
  if (pair.baseline !== null || pair.current !== null) return pair;
  return { baseline: figureOf(before, metric), current: figureOf(data.load ?? undefined, metric) };
}

function figureOf(
  run: Pick<RecordedMetrics, "figures" | "latency"> | undefined,
  { metric, statistic }: MetricComparison,
): number | null {
  if (run === undefined) return null;
  if (statistic === "value") return run.figures[metric as RunMetric]?.value ?? null;
  const value = run.latency[metric as LatencyMetric]?.percentiles[statistic];
  return typeof value === "number" ? value : null;
}
