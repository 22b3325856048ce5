import { legend } from "../../charts/legend.js";
import type { Mark } from "../../charts/marks.js";
import { h, note, section } from "../../dom.js";
import { chartModes } from "../../sections/chart-modes.js";
import { createSpread, distributionCharts, type Distribution } from "../../sections/distribution.js";
import { shareToValue } from "../../series/histogram.js";
import { judgedMetric, LATENCY_METRICS, metricOf, type CurvePoint, type LatencyMetric } from "../../testkit.js";
import type { Context } from "../context.js";

/** The distributions of both sides, over all their valid runs; nothing if the sides are not comparable. */
export function distributionsSection(context: Context): HTMLElement | undefined {
  const { outcome, sides } = context.data;
  const metrics = listMetrics(context).filter((metric) => (sides.current.curves[metric] ?? []).length > 0);
  if (outcome.metrics.length === 0 || metrics.length === 0) return undefined;
  const charts = metrics.map((metric) => distributionCharts(describe(context, metric)));
  return section(
    "latency",
    "Latency",
    legend([
      { color: "series-1", label: "current" },
      { color: "baseline", label: "baseline", isDashed: true },
    ]),
    h("div", {}, ...chartModes(charts, "cumulative")),
    note("Over all valid runs of each side, ok requests only. Drag to zoom, double-click to see all."),
  );
}

/** Those that are judged: in an open loop, times count from schedule. */
function listMetrics({ data }: Context): LatencyMetric[] {
  const charted = LATENCY_METRICS.filter((key) => metricOf(key).shownIn?.includes("chart") === true);
  return charted.map((key) => judgedMetric(key, data.judgedFrom));
}

function describe({ data, definitions }: Context, metric: LatencyMetric): Distribution {
  const [curve, baseline] = [data.sides.current.curves[metric] ?? [], data.sides.baseline.curves[metric] ?? []];
  return {
    spread: createSpread({ curve, baseline, values: undefined }),
    name: definitions.title(metric),
    title: () => definitions.link(metric),
    marks: [...listMarks(curve, "", "mark"), ...listMarks(baseline, " baseline", "baseline")],
  };
}

function listMarks(curve: readonly CurvePoint[], side: string, color: string): Mark[] {
  if (curve.length === 0) return [];
  return [0.5, 0.95].map((share) => {
    return { at: shareToValue(curve, share), label: `p${share * 100}${side}`, color, isDashed: side !== "" };
  });
}
