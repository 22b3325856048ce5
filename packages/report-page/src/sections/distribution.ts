import uPlot from "uplot";
import { axis, createChart, type Chart, type ChartOptions } from "../charts/chart.js";
import { marksPlugin, type Mark } from "../charts/marks.js";
import type { Context } from "../context.js";
import { note } from "../dom.js";
import { formatTimeMarks } from "../format.js";
import { color } from "../theme.js";
import { binCurve, binValues, roundEdges, shareAt } from "../series/histogram.js";
import {
  collectValues,
  describeCurve,
  formatMs,
  formatShare,
  metricOf,
  type CurvePoint,
  type LatencyMetric,
  type PageLoad,
  type RequestMetric,
} from "../testkit.js";

const BIN_COUNT = 40;
const MOST_BINS = 1_000;
/** The tail beyond it is shown only when asked for, if it would squeeze all the rest. */
const MAIN_SHARE = 0.995;
const SQUEEZE = 1.6;
const HEIGHT = 210;

interface Spread {
  readonly curve: readonly CurvePoint[];
  readonly baseline: readonly CurvePoint[];
  /** Absent for inter-token latencies, of which there is only the histogram. */
  readonly values: readonly number[] | undefined;
  readonly min: number;
  readonly max: number;
  /** End of the first view. */
  readonly mainMax: number;
}

/** Two charts of the same distribution; one of them is shown. */
export function distributionCharts(
  context: Context,
  load: PageLoad,
  metric: LatencyMetric,
): { histogram: HTMLElement; cumulative: HTMLElement } {
  const spread = measureSpread(context, metric);
  const common = {
    title: context.definitions.link(metric),
    height: HEIGHT,
    isHalf: true,
    footer: describeTail(spread),
  };
  const marks = marksPlugin(() => listPercentiles(load, metric));
  const histogram = histogramChart(common, spread, { marks, name: context.definitions.title(metric) });
  const second = { ...common, title: context.definitions.link(metric), footer: describeTail(spread) };
  const cumulative = cumulativeChart(second, spread, { marks, name: context.definitions.title(metric) });
  return { histogram: histogram.figure, cumulative: cumulative.figure };
}

function measureSpread({ data, records }: Context, metric: LatencyMetric): Spread {
  const isPooled = metricOf(metric).kind === "pooled";
  const values = isPooled ? undefined : collectValues(records, metric as RequestMetric);
  const curve = values === undefined ? data.itlCurve : describeCurve(values);
  const baselines = data.report.comparison?.baseline.curves;
  const baseline = (isPooled ? data.baselineItlCurve : baselines?.[metric]) ?? [];
  const [min, max] = [curve[0]?.value ?? 0, curve.at(-1)?.value ?? 1];
  const mainMax = curve.find(({ share }) => share >= MAIN_SHARE)?.value ?? max;
  return { curve, baseline, values, min, max, mainMax: max > mainMax * SQUEEZE ? mainMax * 1.05 : max };
}

function describeTail({ max, mainMax }: Spread): Node[] {
  if (mainMax >= max) return [];
  return [
    note(`Shown up to ${formatMs(mainMax)}; the longest is ${formatMs(max)}: double-click, or press 0, to see all.`),
  ];
}

function listPercentiles({ latency }: PageLoad, metric: LatencyMetric): Mark[] {
  return (["p50", "p90", "p95", "p99"] as const).flatMap((key) => {
    const value = latency[metric]?.percentiles[key];
    return typeof value === "number" ? [{ at: value, label: key, color: "mark", isDashed: key !== "p50" }] : [];
  });
}

type Common = Pick<ChartOptions, "title" | "height" | "isHalf" | "footer">;

interface Extras {
  readonly marks: uPlot.Plugin;
  readonly name: string;
}

function histogramChart(common: Common, spread: Spread, { marks, name }: Extras): Chart {
  const edges = chooseEdges(spread);
  const bins = spread.values === undefined ? binCurve(spread.curve, edges) : binValues(spread.values, edges);
  const baseline = spread.baseline.length === 0 ? undefined : binCurve(spread.baseline, edges);
  const lows = edges.slice(0, -1);
  const read = (index: number) => {
    const range = `${formatMs(edges[index])} – ${formatMs(edges[index + 1])}`;
    const before = baseline === undefined ? "" : `, baseline ${formatShare(baseline.shares[index] ?? 0)}`;
    return `${range}: ${formatShare(bins.shares[index] ?? 0)}${before}`;
  };
  const label = `Histogram of ${name}: share of the samples by duration.`;
  const data: uPlot.AlignedData = [lows, [...bins.shares], ...(baseline === undefined ? [] : [[...baseline.shares]])];
  const plot = describePlot({ low: edges[0] ?? 0, spread }, edges.at(-1) ?? 1, [
    {
      stroke: () => color("series-1"),
      fill: () => color("series-1-soft"),
      width: 1,
      ...asPaths(uPlot.paths.bars?.({ size: [1, Infinity], align: 1, gap: 1 })),
    },
    ...(baseline === undefined ? [] : [{ ...baselineLine(), ...asPaths(uPlot.paths.stepped?.({ align: 1 })) }]),
  ]);
  return createChart({ ...common, label, data, read, plot: { ...plot, plugins: [marks] } });
}

function chooseEdges({ min, max, mainMax }: Spread): number[] {
  const edges = roundEdges(min, mainMax, BIN_COUNT);
  const width = (edges[1] ?? 1) - (edges[0] ?? 0);
  const count = Math.ceil((max - (edges[0] ?? 0)) / width) + 1;
  if (count > MOST_BINS) return roundEdges(min, max, MOST_BINS);
  return Array.from({ length: Math.max(count + 1, edges.length) }, (_, index) =>
    Number(((edges[0] ?? 0) + index * width).toPrecision(12)),
  );
}

function cumulativeChart(common: Common, spread: Spread, { marks, name }: Extras): Chart {
  const xs = [...new Set([...spread.curve, ...spread.baseline].map(({ value }) => value))].sort((a, b) => a - b);
  const shares = xs.map((x) => shareAt(spread.curve, x));
  const before = spread.baseline.length === 0 ? undefined : xs.map((x) => shareAt(spread.baseline, x));
  const read = (index: number) => {
    const baseline = before === undefined ? "" : `, baseline ${formatShare(before[index] ?? 0)}`;
    return `${formatShare(shares[index] ?? 0)} take at most ${formatMs(xs[index])}${baseline}`;
  };
  const label = `Cumulative distribution of ${name}.`;
  const data: uPlot.AlignedData = [xs, shares, ...(before === undefined ? [] : [before])];
  const plot = describePlot({ low: Math.min(spread.min, xs[0] ?? 0), spread }, xs.at(-1) ?? 1, [
    { stroke: () => color("series-1"), width: 2 },
    ...(before === undefined ? [] : [baselineLine()]),
  ]);
  return createChart({ ...common, label, data, read, plot: { ...plot, plugins: [marks] } });
}

/** uPlot's builders of paths are optional in its types, because a build may leave them out. */
function asPaths(paths: uPlot.Series.PathBuilder | undefined): Pick<uPlot.Series, "paths"> {
  return paths === undefined ? {} : { paths };
}

function baselineLine(): uPlot.Series {
  return { stroke: () => color("baseline"), width: 1.5, dash: [5, 4] };
}

function describePlot(
  { low, spread }: { low: number; spread: Spread },
  high: number,
  series: readonly uPlot.Series[],
): Omit<uPlot.Options, "width" | "height"> {
  const shown = { min: low, max: Math.min(high, spread.mainMax) > low ? Math.min(high, spread.mainMax) : high };
  return {
    scales: {
      x: {
        time: false,
        range: (_plot, min: number | null, max: number | null) => [min ?? low, Math.max(max ?? high, min ?? low)],
      },
      y: { range: (_plot, _min, max: number | null) => [0, (max ?? 1) * 1.05 || 1] },
    },
    axes: [axis(formatTimeMarks, { size: 30 }), axis((marks) => marks.map((mark) => formatShare(mark)), { size: 54 })],
    cursor: { drag: { x: true, y: false, setScale: true }, y: false },
    series: [{}, ...series.map((one) => ({ points: { show: false }, ...one }))],
    hooks: { ready: [(plot) => plot.setScale("x", shown)] },
  };
}
