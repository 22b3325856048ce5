import type { LatencyMetric } from "../../../load/metrics/definitions.js";
import { PERCENTILES, type PercentileKey } from "../../../load/metrics/distribution.js";
import type { PageLoad } from "../../html/page-data.js";
import type { Context } from "../context.js";
import { button, h, note, section } from "../dom.js";
import { formatCount, formatMs } from "../format.js";
import { table, tableBehind } from "../table.js";
import { distributionCharts } from "./distribution.js";
import { judged } from "./figures.js";

type Mode = "histogram" | "cumulative";

/** How the latencies are spread. */
export function latencySection(context: Context): HTMLElement | undefined {
  const { load, stride } = context.data;
  if (load === null) return undefined;
  const metrics: readonly LatencyMetric[] = [judged(load, "ttft"), "tpot", "gap", judged(load, "e2e")];
  const charts = metrics
    .filter((metric) => load.latency[metric].count > 0)
    .map((metric) => distributionCharts(context, load, metric));
  const show = (mode: Mode) => {
    for (const chart of charts) {
      chart.histogram.hidden = mode !== "histogram";
      chart.cumulative.hidden = mode !== "cumulative";
    }
  };
  const made = section("latency", "Latency");
  if (charts.length === 0) {
    made.append(note("No request is ok, so there is no latency."));
    return made;
  }
  const hasBaseline = context.data.report.comparison !== undefined;
  made.append(
    h("div", { class: "toolbar" }, modeSwitch(show)),
    h("div", { class: "grid" }, ...charts.flatMap(({ histogram, cumulative }) => [histogram, cumulative])),
    note(
      `Only ok requests enter the latencies. Lines mark the percentiles that have enough samples${hasBaseline ? "; the dashed line is the baseline" : ""}. Drag to zoom, double-click to see all.${stride > 1 ? ` The charts rest on every ${stride}th request, the figures on all.` : ""}`,
    ),
    tableBehind("latencies", () => latencyTable(context, load)),
  );
  show("histogram");
  return made;
}

function modeSwitch(show: (mode: Mode) => void): HTMLElement {
  const group = h("div", { class: "switch", role: "group", "aria-label": "Kind of chart" });
  const labels = { histogram: "Histogram", cumulative: "Cumulative" } as const;
  const buttons = (Object.keys(labels) as Mode[]).map((mode) => {
    const made = button(labels[mode], () => choose(mode), { "data-mode": mode });
    group.append(made);
    return made;
  });
  const choose = (mode: Mode) => {
    for (const one of buttons) one.setAttribute("aria-pressed", String(one.dataset["mode"] === mode));
    show(mode);
  };
  choose("histogram");
  return group;
}

function latencyTable({ data, definitions }: Context, load: PageLoad): HTMLElement {
  const keys = Object.keys(PERCENTILES) as PercentileKey[];
  const names = ["Samples", "Min", "Mean", ...keys.map((key) => (key === "p999" ? "p99.9" : key)), "Max"];
  const columns = [{ title: "Metric" }, ...names.map((title) => ({ title, isNumber: true }))];
  const describe = (
    label: Node | string,
    { count, min, mean, max, percentiles }: PageLoad["latency"][LatencyMetric],
  ) => {
    const values = keys.map((key) => {
      const value = percentiles[key];
      return typeof value === "number"
        ? formatMs(value)
        : h("span", { title: value.message, class: "missing" }, `needs ${formatCount(value.need)}`);
    });
    return [label, formatCount(count), formatMs(min), formatMs(mean), ...values, formatMs(max)];
  };
  const rows = (Object.keys(load.latency) as LatencyMetric[]).flatMap((metric) => {
    const before = data.report.comparison?.baseline.latency[metric];
    const row = describe(definitions.link(metric), load.latency[metric]);
    return before === undefined ? [row] : [row, describe(`${definitions.title(metric)}, baseline`, before)];
  });
  return table("Latencies", columns, { rows });
}
