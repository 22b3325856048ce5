import uPlot from "uplot";
import { createTimeChart } from "../charts/time-chart.js";
import { legend } from "../charts/legend.js";
import type { Context } from "../context.js";
import { formatTimeMarks } from "../format.js";
import { showRequest } from "../reveal-request.js";
import { color } from "../theme.js";
import { formatMs, judgedMetric, measureRequest, type PageLoad, type RequestRecord } from "../testkit.js";

/** How far from a dot a click may be, in px. */
const REACH = 24;

/** A request as a dot. */
interface Dot {
  readonly record: RequestRecord;
  readonly ttftMs: number | undefined;
  /** Its height: at the top without a first token. */
  readonly y: number;
}

/** TTFT of every request at the time of its send; requests without a first token are drawn at the top. */
export function latencyOverTime(context: Context, load: PageLoad, durationMs: number): HTMLElement {
  const metric = judgedMetric("ttft", load.plan.judgedFrom);
  const all = listDots(context, (record) => measureRequest(record, metric));
  let dots = all.filter(({ record }) => context.state.matches(record));
  const [ok, failed] = toSeries(dots);
  const chart = createTimeChart({
    context,
    title: context.definitions.link(metric, `${context.definitions.title(metric)}, of each request`),
    label: "Time to first token of each request over time.",
    atMs: dots.map(({ record }) => record.sendMs),
    durationMs,
    series: [
      { label: "ok", color: "series-1", values: ok, isPoints: true },
      { label: "not ok", color: "bad", values: failed, isPoints: true, isCross: true },
    ],
    read: (index) => describeDot(dots[index]),
    pick: (index, at) => {
      const dot = at === undefined ? dots[index ?? -1] : findDot(chart.plot, dots, at);
      if (dot !== undefined) showRequest(context, dot.record);
    },
    formatY: formatTimeMarks,
    plugins: [ringPlugin(() => all.find(({ record }) => record === context.state.selected))],
    controls: [
      legend([
        { color: "series-1", label: "ok" },
        { color: "bad", label: "not ok (at the top without a first token)", isCross: true },
      ]),
    ],
    height: 180,
  });
  context.state.onChange((change) => {
    if (change === "selection") {
      chart.plot.redraw(false, false);
      return;
    }
    dots = all.filter(({ record }) => context.state.matches(record));
    const { min = 0, max = durationMs } = chart.plot.scales["x"] ?? {};
    chart.plot.setData([dots.map(({ record }) => record.sendMs), ...toSeries(dots)], false);
    chart.plot.setScale("x", { min, max });
  });
  return chart.figure;
}

function listDots({ records }: Context, measure: (record: RequestRecord) => number | undefined): Dot[] {
  const measured = [...records]
    .sort((a, b) => a.sendMs - b.sendMs)
    .map((record) => ({ record, ttftMs: measure(record) }));
  const highest = measured.reduce((most, { ttftMs = 0 }) => Math.max(most, ttftMs), 0);
  return measured.map(({ record, ttftMs }) => ({
    record,
    ttftMs,
    y: ttftMs ?? (record.status === "ok" ? 0 : highest),
  }));
}

function toSeries(dots: readonly Dot[]): [ok: (number | null)[], failed: (number | null)[]] {
  return [
    dots.map(({ record, ttftMs }) => (record.status === "ok" ? (ttftMs ?? null) : null)),
    dots.map(({ record, y }) => (record.status === "ok" ? null : y)),
  ];
}

/** The nearest one within reach. */
function findDot(plot: uPlot, dots: readonly Dot[], { x, y }: { x: number; y: number }): Dot | undefined {
  let [nearest, least]: [Dot | undefined, number] = [undefined, REACH];
  for (const dot of dots) {
    const distance = Math.hypot(plot.valToPos(dot.record.sendMs, "x") - x, plot.valToPos(dot.y, "y") - y);
    if (distance < least) [nearest, least] = [dot, distance];
  }
  return nearest;
}

/** A ring around the dot of the chosen request. */
function ringPlugin(chosen: () => Dot | undefined): uPlot.Plugin {
  const draw = (plot: uPlot): void => {
    const dot = chosen();
    if (dot === undefined) return;
    const { ctx: context } = plot;
    const [x, y] = [plot.valToPos(dot.record.sendMs, "x", true), plot.valToPos(dot.y, "y", true)];
    const { left, width } = plot.bbox;
    if (x < left || x > left + width) return;
    context.save();
    context.strokeStyle = color("ink");
    context.lineWidth = 2 * uPlot.pxRatio;
    context.beginPath();
    context.arc(x, y, 6 * uPlot.pxRatio, 0, 2 * Math.PI);
    context.stroke();
    context.restore();
  };
  return { hooks: { draw } };
}

function describeDot(dot: Dot | undefined): string {
  if (dot === undefined) return "";
  const { record, ttftMs } = dot;
  const name = record.jobId ?? `request ${record.index}`;
  const ttft = ttftMs === undefined ? "no first token" : formatMs(ttftMs);
  return `${name}, ${record.status}, sent at ${formatMs(record.sendMs)}: ${ttft}`;
}
