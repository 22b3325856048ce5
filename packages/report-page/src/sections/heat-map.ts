import type uPlot from "uplot";
import { legend } from "../charts/legend.js";
import { createTimeChart } from "../charts/time-chart.js";
import type { Context } from "../context.js";
import { formatTimeMarks } from "../format.js";
import { describeHeatMap, type HeatMap } from "../series/heat-map.js";
import { formatMs, judgedMetric, measureRequest, plural, type PageLoad } from "../testkit.js";
import { color } from "../theme.js";

/** Below it, a cell with one request would not be seen. */
const FAINTEST = 0.12;

/** Time and latency of all ok requests: the darker a cell, the more requests are in it. */
export function heatMap(context: Context, load: PageLoad, durationMs: number): Node {
  const metric = judgedMetric("e2e", load.plan.judgedFrom);
  const ok = context.records.filter(({ status }) => status === "ok");
  const points = ok.flatMap((record) => {
    const valueMs = measureRequest(record, metric);
    return valueMs === undefined ? [] : [{ atMs: record.sendMs, valueMs }];
  });
  const map = describeHeatMap(points, durationMs);
  if (map === undefined) return document.createDocumentFragment();
  const { columns } = map;
  const title = context.definitions.title(metric);
  return createTimeChart({
    context,
    title: context.definitions.link(metric, `${title}, heat map`),
    label: `Heat map of time and latency: ${title} of the ok requests, in columns with the same number of requests.`,
    atMs: columns.map(({ fromMs, toMs }) => (fromMs + toMs) / 2),
    durationMs,
    series: [
      { label: "longest", color: "muted", values: columns.map(({ longestMs }) => longestMs), isPoints: true },
      { label: "median", color: "mark", values: columns.map(({ medianMs }) => medianMs) },
    ],
    read: (index) => describeColumn(map, index),
    formatY: formatTimeMarks,
    controls: [
      legend([
        { color: "series-1", label: "requests" },
        { color: "mark", label: "median" },
        { color: "muted", label: "longest" },
      ]),
    ],
    plugins: [heatPlugin(map)],
    height: 200,
  }).figure;
}

function describeColumn({ columns }: HeatMap, index: number): string {
  const column = columns[index];
  if (column === undefined) return "";
  const { fromMs, toMs, counts, medianMs, longestMs } = column;
  const count = counts.reduce((sum, each) => sum + each, 0);
  return `${formatMs(fromMs)} – ${formatMs(toMs)}: ${plural(count, "request")}, median ${formatMs(medianMs)}, longest ${formatMs(longestMs)}`;
}

/** Draws the cells below the lines. */
function heatPlugin(map: HeatMap): uPlot.Plugin {
  return { hooks: { drawClear: (plot) => drawCells(plot, map) } };
}

function drawCells(plot: uPlot, { columns, rowMs, most }: HeatMap): void {
  const { left, top, width, height } = plot.bbox;
  const { ctx: context } = plot;
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  context.fillStyle = color("series-1");
  for (const { fromMs, toMs, counts } of columns) {
    const [x, end] = [plot.valToPos(fromMs, "x", true), plot.valToPos(toMs, "x", true)];
    for (const [row, count] of counts.entries()) {
      if (count === 0) continue;
      const [low, high] = [plot.valToPos(row * rowMs, "y", true), plot.valToPos((row + 1) * rowMs, "y", true)];
      context.globalAlpha = FAINTEST + (1 - FAINTEST) * (count / most);
      context.fillRect(x, high, Math.max(1, end - x), low - high);
    }
  }
  context.restore();
}
