import type { Context } from "../context.js";
import { h } from "../dom.js";
import { badge } from "./badge.js";
import {
  formatMs,
  formatNumber,
  formatShare,
  formatValue,
  judgedMetric,
  LATENCY_METRICS,
  metricOf,
  NOT_RECORDED,
  PERCENTILE_KEYS,
  percentileLabel,
  plural,
  RUN_METRICS,
  WORST_FIRST,
  type LatencyMetric,
  type MetricKey,
  type PageLoad,
  type PercentileKey,
  type ReportStatus,
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

interface Tile {
  readonly label: Node;
  readonly value: string;
  readonly details: readonly (string | undefined)[];
  /** Of its verdicts, the worst. */
  readonly status?: ReportStatus | undefined;
}

function tile({ label, value, details, status }: Tile): HTMLElement {
  const lines = details
    .filter((detail) => detail !== undefined)
    .map((detail) => h("div", { class: "tile-detail" }, detail));
  const word = status === undefined || status === "pass" ? undefined : badge(status);
  return h(
    "div",
    { class: `tile ${status ?? ""}`.trim() },
    h("div", { class: "tile-label" }, label),
    h("div", { class: "tile-value" }, value),
    word,
    ...lines,
  );
}

function latencyTile(context: Context, load: PageLoad, metric: LatencyMetric): HTMLElement {
  const { baseline, definitions } = context;
  const judged = judgeTile(context, [metric]);
  const distribution = load.latency[metric];
  const title = definitions.title(metric);
  if (distribution === undefined) {
    return tile({ label: definitions.link(metric, `${title}, p50`), value: "–", details: [NOT_RECORDED.message] });
  }
  const { percentiles, estimatedCount } = distribution;
  const key = judged.missed ?? "p50";
  const [shown, p90] = [percentiles[key], percentiles.p90];
  const others = (["p50", "p90", "p95", "p99"] as const).filter((one) => one !== key);
  const known = others.flatMap((one) => {
    const value = percentiles[one];
    return typeof value === "number" ? [`${one} ${formatMs(value)}`] : [];
  });
  const missing = typeof p90 === "number" ? "" : p90.message;
  const tails = known.length === 0 ? `no percentile above p50: ${missing}` : known.slice(-2).join(" · ");
  const before = baseline?.latency[metric]?.percentiles[key];
  return tile({
    label: definitions.link(metric, `${title}, ${percentileLabel(key)}`),
    value: typeof shown === "number" ? formatMs(shown) : "–",
    details: [...judged.limits, tails, describeBefore(shown, before, formatMs), describeEstimate(estimatedCount > 0)],
    status: judged.status,
  });
}

function figureTile(context: Context, load: PageLoad, metric: RunMetric): HTMLElement {
  const { baseline, definitions } = context;
  const figure = load.figures[metric];
  const label = definitions.link(metric);
  if (figure === undefined) return tile({ label, value: "–", details: [NOT_RECORDED.message] });
  const { limits, status } = judgeTile(context, metric === "errors" ? ["errors", "errorRate"] : [metric]);
  const details = DETAILS[metric]?.(load) ?? [figure.unit];
  const before = baseline?.figures[metric]?.value;
  const change = describeBefore(figure.value, before, (value) => formatFigure({ ...figure, value }));
  const value = formatFigure(figure);
  return tile({ label, value, details: [...limits, ...details, change, describeEstimate(figure.isEstimated)], status });
}

/** What the verdicts say about the metrics of a tile. */
function judgeTile({ data }: Context, metrics: readonly MetricKey[]): TileVerdict {
  const about = data.report.verdicts.filter(({ figure }) => metrics.some((metric) => metric === figure?.metric));
  const limits = about.flatMap(({ figure, status }) => {
    if (figure === undefined || figure.bound === null || figure.against === "baseline") return [];
    const statistic = figure.statistic === "value" ? "" : `${figure.statistic} `;
    const bound = `limit ${statistic}${figure.against === "at most" ? "≤" : "≥"} ${formatValue(figure.bound, figure.unit)}`;
    return [status === "fail" ? `${bound}: missed` : bound];
  });
  const status = WORST_FIRST.find((one) => about.some((verdict) => verdict.status === one));
  const missed = about.find((verdict) => verdict.status === "fail" && verdict.figure?.against !== "baseline");
  return { status, limits, missed: PERCENTILE_KEYS.find((key) => key === missed?.figure?.statistic) };
}

interface TileVerdict {
  readonly status: ReportStatus | undefined;
  readonly limits: readonly string[];
  /** The percentile that misses its limit: the tile then shows that one. */
  readonly missed: PercentileKey | undefined;
}

/** "baseline 47 ms, +22 %". */
function describeBefore(now: unknown, before: unknown, format: (value: number) => string): string | undefined {
  if (typeof now !== "number" || typeof before !== "number") return undefined;
  if (before === 0 || now === before) return `baseline ${format(before)}`;
  const by = (now - before) / before;
  return `baseline ${format(before)}, ${by > 0 ? "+" : "−"}${formatShare(Math.abs(by))}`;
}

function describeEstimate(isEstimated: boolean): string | undefined {
  return isEstimated ? "based on estimated token counts" : undefined;
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
