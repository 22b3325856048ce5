import type { Context } from "../context.js";
import { h } from "../dom.js";
import {
  formatMs,
  formatNumber,
  formatShare,
  formatValue,
  judgedMetric,
  LATENCY_METRICS,
  metricOf,
  NOT_RECORDED,
  plural,
  RUN_METRICS,
  type LatencyMetric,
  type MetricKey,
  type PageLoad,
  type PercentileKey,
  type RunFigure,
  type RunMetric,
} from "../testkit.js";

/** The text of a tile below its figure. */
const DETAILS: Readonly<Partial<Record<RunMetric, (load: PageLoad) => string[]>>> = {
  goodputRatio: (load) => [describeFigure(load, "goodput"), describeSlo(load)],
  errors: (load) => [`of ${plural(load.counts.attempted, "request")}, ${describeFigure(load, "errorRate")}`],
  concurrencyMean: (load) => [`peak ${describeFigure(load, "concurrencyPeak")}`],
};

/** The most important figures: every metric of the registry that has a tile. */
export function figureTiles(context: Context): HTMLElement | undefined {
  const { load } = context.data;
  if (load === null) return undefined;
  const latencies = LATENCY_METRICS.filter(hasTile).map((metric) => judgedMetric(metric, load.plan.judgedFrom));
  return h(
    "div",
    { class: "tiles" },
    ...latencies.map((metric) => latencyTile(context, load, metric)),
    ...RUN_METRICS.filter(hasTile).map((metric) => figureTile(context, load, metric)),
  );
}

function hasTile(metric: MetricKey): boolean {
  return metricOf(metric).shownIn?.includes("tile") === true;
}

function tile(label: Node, value: string, ...details: (string | undefined)[]): HTMLElement {
  const lines = details
    .filter((detail) => detail !== undefined)
    .map((detail) => h("div", { class: "tile-detail" }, detail));
  return h(
    "div",
    { class: "tile" },
    h("div", { class: "tile-label" }, label),
    h("div", { class: "tile-value" }, value),
    ...lines,
  );
}

function latencyTile({ data, definitions }: Context, load: PageLoad, metric: LatencyMetric): HTMLElement {
  const label = definitions.link(metric, `${definitions.title(metric)}, p50`);
  const distribution = load.latency[metric];
  if (distribution === undefined) return tile(label, "–", NOT_RECORDED.message);
  const { percentiles, estimatedCount } = distribution;
  const describe = (key: PercentileKey) => {
    const value = percentiles[key];
    return typeof value === "number" ? `${key} ${formatMs(value)}` : undefined;
  };
  const [median, p90] = [percentiles.p50, percentiles.p90];
  const before = data.report.comparison?.baseline.latency[metric]?.percentiles.p50;
  const details = [describe("p90"), describe("p95"), describe("p99")].filter((text) => text !== undefined);
  const missing = typeof p90 === "number" ? "" : p90.message;
  const tails = details.length === 0 ? `no percentile above p50: ${missing}` : details.slice(-2).join(" · ");
  const value = typeof median === "number" ? formatMs(median) : "–";
  const change = typeof median === "number" && typeof before === "number" ? `baseline ${formatMs(before)}` : undefined;
  return tile(label, value, tails, change, estimatedCount > 0 ? "based on estimated token counts" : undefined);
}

function figureTile({ data, definitions }: Context, load: PageLoad, metric: RunMetric): HTMLElement {
  const figure = load.figures[metric];
  if (figure === undefined) return tile(definitions.link(metric), "–", NOT_RECORDED.message);
  const details = DETAILS[metric]?.(load) ?? [figure.unit];
  const before = data.report.comparison?.baseline.figures[metric];
  const change = before === undefined ? undefined : `baseline ${formatFigure(before)}`;
  const estimate = figure.isEstimated ? "based on estimated token counts" : undefined;
  return tile(definitions.link(metric), formatFigure(figure), ...details, change, estimate);
}

function describeFigure({ figures }: PageLoad, metric: RunMetric): string {
  const figure = figures[metric];
  return figure === undefined ? NOT_RECORDED.message : formatValue(figure.value, figure.unit);
}

/** Without its unit, unless it is a percentage: the tile has it below. */
function formatFigure({ value, unit }: RunFigure): string {
  return unit === "share" ? formatShare(value) : formatNumber(value);
}

function describeSlo({ plan }: PageLoad): string {
  const times = Object.entries(plan.slo as Readonly<Record<string, number>>).map(([name, limit]) => {
    return `${name.replace(/Ms$/, "")} ≤ ${formatMs(limit)}`;
  });
  return times.length === 0 ? "no SLO was set" : times.join(", ");
}
