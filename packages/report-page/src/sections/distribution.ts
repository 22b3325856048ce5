import uPlot from "uplot";
import { axis, createChart, type Chart, type ChartOptions } from "../charts/chart.js";
import { LABEL_ROOM, marksPlugin, type Mark } from "../charts/marks.js";
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
const HEIGHT = 220;

/** The distribution of one metric, and that of the baseline, if there is one. */
export interface Spread {
  readonly curve: readonly CurvePoint[];
  readonly baseline: readonly CurvePoint[];
  /** Absent where there is only the curve. */
  readonly values: readonly number[] | undefined;
  /** Of both sides. */
  readonly min: number;
  readonly max: number;
  /** End of the first view. */
  readonly mainMax: number;
}

/** What is drawn. */
export interface Distribution {
  readonly spread: Spread;
  readonly name: string;
  /** Made twice: each of the two charts has one. */
  readonly title: () => Node;
  readonly marks: readonly Mark[];
  /** What the other side is called in words. */
  readonly baselineName?: string;
}

/** Two charts of the same distribution; one of them is shown. */
export function distributionCharts({ spread, name, title, marks, baselineName = "baseline" }: Distribution): {
  histogram: HTMLElement;
  cumulative: HTMLElement;
} {
  const common = () => ({ title: title(), height: HEIGHT, isHalf: true, footer: describeTail(spread) });
  const extras = { marks: marksPlugin(() => marks), name, baselineName };
  return {
    histogram: histogramChart(common(), spread, extras).figure,
    cumulative: cumulativeChart(common(), spread, extras).figure,
  };
}

/** Covers both sides, so that none of them is cut off. */
export function createSpread({ curve, baseline, values }: Pick<Spread, "curve" | "baseline" | "values">): Spread {
  const sides = [curve, baseline].filter((side) => side.length > 0);
  const min = Math.min(...sides.map((side) => side[0]?.value ?? 0));
  const max = Math.max(...sides.map((side) => side.at(-1)?.value ?? 1));
  const mainMax = Math.max(...sides.map((side) => side.find(({ share }) => share >= MAIN_SHARE)?.value ?? max));
  return { curve, baseline, values, min, max, mainMax: max > mainMax * SQUEEZE ? mainMax * 1.05 : max };
}

/** The distribution of a metric of the run, beside that of its baseline. */
export function distributionOf(context: Context, load: PageLoad, metric: LatencyMetric): Distribution {
  const { data, records, definitions, baseline: other } = context;
  const isPooled = metricOf(metric).kind === "pooled";
  const values = isPooled ? undefined : collectValues(records, metric as RequestMetric);
  const curve = values === undefined ? data.itlCurve : describeCurve(values);
  const before = isPooled ? data.baselineItlCurve : other?.curves[metric];
  return {
    spread: createSpread({ curve, values, baseline: (other && before) ?? [] }),
    name: definitions.title(metric),
    title: () => definitions.link(metric),
    marks: listPercentiles(load, metric),
  };
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
  readonly baselineName: string;
}

function histogramChart(common: Common, spread: Spread, { marks, name, baselineName }: Extras): Chart {
  const edges = chooseEdges(spread);
  const bins = spread.values === undefined ? binCurve(spread.curve, edges) : binValues(spread.values, edges);
  const baseline = spread.baseline.length === 0 ? undefined : binCurve(spread.baseline, edges);
  const lows = edges.slice(0, -1);
  const read = (index: number) => {
    const range = `${formatMs(edges[index])} – ${formatMs(edges[index + 1])}`;
    const before = baseline === undefined ? "" : `, ${baselineName} ${formatShare(baseline.shares[index] ?? 0)}`;
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

function cumulativeChart(common: Common, spread: Spread, { marks, name, baselineName }: Extras): Chart {
  const xs = [...new Set([...spread.curve, ...spread.baseline].map(({ value }) => value))].sort((a, b) => a - b);
  const shares = xs.map((x) => shareAt(spread.curve, x));
  const before = spread.baseline.length === 0 ? undefined : xs.map((x) => shareAt(spread.baseline, x));
  const read = (index: number) => {
    const baseline = before === undefined ? "" : `, ${baselineName} ${formatShare(before[index] ?? 0)}`;
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
    padding: [LABEL_ROOM, null, null, null],
    cursor: { drag: { x: true, y: false, setScale: true }, y: false },
    series: [{}, ...series.map((one) => ({ points: { show: false }, ...one }))],
    hooks: { ready: [(plot) => plot.setScale("x", shown)] },
  };
}
