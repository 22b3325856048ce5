import type uPlot from "uplot";
import type { Context } from "../context.js";
import { formatTimeMarks } from "../format.js";
import { color } from "../theme.js";
import { axis, createChart, type Chart, type ChartOptions } from "./chart.js";
import { crossesPlugin } from "./crosses.js";
import { LABEL_ROOM } from "./marks.js";

const SYNC_KEY = "time";

/** A line of a time chart. */
export interface TimeSeries {
  readonly label: string;
  /** Name of a colour of the style sheet. */
  readonly color: string;
  readonly values: readonly (number | null)[];
  readonly isFilled?: boolean;
  readonly isDashed?: boolean;
  /** Points without a line between them. */
  readonly isPoints?: boolean;
  /** The points are crosses, so that they are told apart without colours. */
  readonly isCross?: boolean;
  /** Diameter of a point. @default 4 */
  readonly pointSize?: number;
}

/** What a time chart is made of. */
export interface TimeChartOptions extends Pick<ChartOptions, "title" | "label" | "footer" | "read" | "controls"> {
  readonly context: Context;
  /** x values in ms, ascending. */
  readonly atMs: readonly number[];
  /** All of the x axis, in ms. */
  readonly durationMs: number;
  readonly series: readonly TimeSeries[];
  readonly formatY: (marks: number[]) => string[];
  readonly height?: number;
  readonly plugins?: readonly uPlot.Plugin[];
  /** Room for the names of marks above the plot. */
  readonly hasMarks?: boolean;
  /** Values that the y axis has room for, those in view; it then does not begin at 0. @default all, from 0 on */
  readonly fitted?: readonly (number | null)[];
  /** Steps that the y axis may have. */
  readonly steps?: number[];
  /** Zooms with the others. @default true */
  readonly isShared?: boolean;
  /** Opens what is at a point. */
  readonly pick?: ChartOptions["pick"];
}

/** A chart over time. All of them have the same zoom and cursor. */
export function createTimeChart(options: TimeChartOptions): Chart {
  const { context, durationMs, isShared = true } = options;
  const all = { min: 0, max: durationMs };
  const rangeOf = () => {
    const range = isShared ? context.state.range : undefined;
    return range === undefined ? all : { min: range.fromMs, max: range.toMs };
  };
  const chart = createChart({
    title: options.title,
    label: options.label,
    height: options.height ?? 200,
    read: options.read,
    ...(options.footer !== undefined && { footer: options.footer }),
    ...(options.controls !== undefined && { controls: options.controls }),
    ...(options.pick !== undefined && { pick: options.pick }),
    ...(isShared ? { reset: () => context.state.zoom(undefined) } : { reset: () => chart.plot.setScale("x", all) }),
    data: [[...options.atMs], ...options.series.map(({ values }) => [...values])],
    plot: describePlot(options, all),
  });
  if (isShared) {
    context.state.onChange((change) => {
      if (change === "view") chart.plot.setScale("x", rangeOf());
    });
  }
  return chart;
}

function describePlot(
  { context, series, formatY, plugins = [], hasMarks = false, fitted, steps, isShared = true }: TimeChartOptions,
  all: { min: number; max: number },
): Omit<uPlot.Options, "width" | "height"> {
  const zoom = (plot: uPlot): void => {
    const { left, width } = plot.select;
    if (width < 2) return;
    const [fromMs, toMs] = [plot.posToVal(left, "x"), plot.posToVal(left + width, "x")];
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    context.state.zoom({ fromMs: Math.max(0, fromMs), toMs: Math.min(all.max, toMs) });
  };
  return {
    scales: {
      x: { time: false, range: (_plot, min: number | null, max: number | null) => [min ?? all.min, max ?? all.max] },
      y: { range: (plot, _low, high) => (fitted === undefined ? rangeFromZero(high) : rangeAround(plot, fitted)) },
    },
    axes: [
      axis(formatTimeMarks, { size: 30 }),
      axis(formatY, { size: steps === undefined ? 62 : 76, ...(steps !== undefined && { incrs: steps }) }),
    ],
    cursor: {
      ...(isShared && { sync: { key: SYNC_KEY, setSeries: false } }),
      drag: { x: true, y: false, setScale: !isShared },
      y: false,
      ...(isShared && { bind: { dblclick: () => () => showAll(context) } }),
    },
    series: [{}, ...series.map((one) => describeSeries(one))],
    padding: [hasMarks ? LABEL_ROOM : null, null, null, null],
    plugins: [...plugins, ...crosses(series)],
    hooks: { ready: [(plot) => plot.setScale("x", all)], ...(isShared && { setSelect: [zoom] }) },
  };
}

/** For a handler of uPlot, which wants `null`. */
function showAll({ state }: Context): null {
  state.zoom(undefined);
  return null;
}

function rangeFromZero(high: number | null): [number, number] {
  return [0, high === null || high <= 0 ? 1 : high * 1.08];
}

function rangeAround(plot: uPlot, fitted: readonly (number | null)[]): [number, number] {
  const { min = -Infinity, max = Infinity } = plot.scales["x"] ?? {};
  const xs = plot.data[0];
  const inView = fitted.filter((value, index) => value !== null && (xs[index] ?? 0) >= min && (xs[index] ?? 0) <= max);
  const values = (inView.length > 0 ? inView : fitted).filter((value) => value !== null);
  if (values.length === 0) return [0, 1];
  const [low, high] = values.reduce<[number, number]>(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );
  const pad = Math.max((high - low) * 0.12, high * 0.002, 1);
  return [Math.max(0, low - pad), high + pad];
}

function crosses(series: readonly TimeSeries[]): uPlot.Plugin[] {
  return series.flatMap(({ isCross, color: name }, index) =>
    isCross === true ? [crossesPlugin(index + 1, name)] : [],
  );
}

function describeSeries({
  label,
  color: name,
  isFilled,
  isDashed,
  isPoints,
  isCross,
  pointSize = 4,
}: TimeSeries): uPlot.Series {
  return {
    label,
    stroke: () => color(name),
    width: 1.75,
    ...(isFilled === true && { fill: () => color(`${name}-soft`) }),
    ...(isDashed === true && { dash: [6, 4] }),
    ...(isPoints === true && { paths: () => null }),
    spanGaps: true,
    points:
      isPoints === true && isCross !== true
        ? { show: true, size: pointSize, width: 0, fill: () => color(name), stroke: () => color(name) }
        : { show: false },
  };
}
