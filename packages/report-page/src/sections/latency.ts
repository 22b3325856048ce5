import type { Context } from "../context.js";
import { h, note, section } from "../dom.js";
import { table, tableBehind } from "../table.js";
import { chartModes } from "./chart-modes.js";
import { distributionCharts, distributionOf } from "./distribution.js";
import {
  describeDifferences,
  formatCount,
  formatMs,
  judgedMetric,
  LATENCY_METRICS,
  listLatencies,
  metricOf,
  NOT_RECORDED,
  PERCENTILE_KEYS,
  percentileLabel,
  type Distribution,
  type PageLoad,
} from "../testkit.js";

/** The distributions of the latencies. */
export function latencySection(context: Context): HTMLElement | undefined {
  const { load, stride } = context.data;
  if (load === null) return undefined;
  const charts = LATENCY_METRICS.filter((key) => metricOf(key).shownIn?.includes("chart") === true)
    .map((key) => judgedMetric(key, load.plan.judgedFrom))
    .filter((metric) => (load.latency[metric]?.count ?? 0) > 0)
    .map((metric) => distributionCharts(distributionOf(context, load, metric)));
  const made = section("latency", "Latency");
  if (charts.length === 0) {
    made.append(note("No request succeeded, so there are no latencies."));
    return made;
  }
  const hasBaseline = context.baseline !== undefined;
  made.append(
    ...chartModes(charts, "histogram"),
    note(
      `Latencies include only ok requests. Lines mark the percentiles that have enough samples${hasBaseline ? "; the dashed line is the baseline" : ""}. Drag to zoom, double-click to see all.${stride > 1 ? ` The charts use every ${stride}th request, the figures use all.` : ""}`,
    ),
    ...describeDifferences(load).map((text) => note(text)),
    tableBehind("latencies", () => latencyTable(context, load)),
  );
  return made;
}

function latencyTable({ baseline, definitions }: Context, load: PageLoad): HTMLElement {
  const names = ["Samples", "Min", "Mean", ...PERCENTILE_KEYS.map((key) => percentileLabel(key)), "Max"];
  const columns = [{ title: "Metric" }, ...names.map((title) => ({ title, isNumber: true }))];
  const rows = listLatencies(load).flatMap(([metric, distribution]) => {
    const before = baseline?.latency[metric];
    const row = describeRow(definitions.link(metric), distribution);
    return before === undefined ? [row] : [row, describeRow(`${definitions.title(metric)}, baseline`, before)];
  });
  return table("Latencies", columns, { rows });
}

function describeRow(label: Node | string, given: Distribution | undefined): (Node | string)[] {
  if (given === undefined) return [label, NOT_RECORDED.message, "–", "–", ...PERCENTILE_KEYS.map(() => "–"), "–"];
  const { count, min, mean, max, percentiles } = given;
  const values = PERCENTILE_KEYS.map((key) => {
    const value = percentiles[key];
    return typeof value === "number"
      ? formatMs(value)
      : h("span", { title: value.message, class: "missing" }, `needs ${formatCount(value.need)}`);
  });
  return [label, formatCount(count), formatMs(min), formatMs(mean), ...values, formatMs(max)];
}
