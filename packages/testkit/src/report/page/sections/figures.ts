import type { LatencyMetric, MetricKey, RunMetric } from "../../../load/metrics/definitions.js";
import type { PercentileKey } from "../../../load/metrics/distribution.js";
import type { PageLoad } from "../../html/page-data.js";
import { formatNumber } from "../../format.js";
import type { Context } from "../context.js";
import { h } from "../dom.js";
import { formatCount, formatMs, formatShare } from "../format.js";

/** The metric that is judged: in an open loop the one from schedule. */
export function judged(load: PageLoad, metric: "ttft" | "e2e"): LatencyMetric {
  return load.plan.judgedFrom === "schedule" ? `${metric}FromSchedule` : metric;
}

/** The figures that are looked at first. */
export function figureTiles(context: Context): HTMLElement | undefined {
  const { load } = context.data;
  if (load === null) return undefined;
  const latencies = [judged(load, "ttft"), "tpot", judged(load, "e2e")] as const;
  return h(
    "div",
    { class: "tiles" },
    ...latencies.map((metric) => latencyTile(context, load, metric)),
    rateTile(context, load, { metric: "tokenThroughput", unit: "tokens/s" }),
    rateTile(context, load, { metric: "requestThroughput", unit: "requests/s" }),
    goodputTile(context, load),
    errorTile(context, load),
    concurrencyTile(context, load),
  );
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
  const { percentiles, estimatedCount } = load.latency[metric];
  const read = (key: PercentileKey) => percentiles[key];
  const say = (key: PercentileKey) => {
    const value = read(key);
    return typeof value === "number" ? `${key} ${formatMs(value)}` : undefined;
  };
  const median = read("p50");
  const before = data.report.comparison?.baseline.latency[metric].percentiles.p50;
  const details = [say("p90"), say("p95"), say("p99")].filter((text) => text !== undefined);
  const tails =
    details.length === 0 ? `no percentile above p50: ${describeMissing(load, metric)}` : details.slice(-2).join(" · ");
  const value = typeof median === "number" ? formatMs(median) : "–";
  const label = definitions.link(metric, `${definitions.title(metric)}, p50`);
  const change = typeof median === "number" && typeof before === "number" ? `baseline ${formatMs(before)}` : undefined;
  return tile(label, value, tails, change, estimatedCount > 0 ? "rests on estimated token counts" : undefined);
}

function describeMissing(load: PageLoad, metric: LatencyMetric): string {
  const missing = load.latency[metric].percentiles.p90;
  return typeof missing === "number" ? "" : missing.message;
}

function rateTile(
  { data, definitions }: Context,
  load: PageLoad,
  { metric, unit }: { metric: RunMetric; unit: string },
): HTMLElement {
  const figure = load.figures[metric];
  const before = data.report.comparison?.baseline.figures[metric].value;
  const change = before === undefined ? undefined : `baseline ${formatNumber(before)}`;
  const estimate = figure.isEstimated ? "rests on estimated token counts" : undefined;
  return tile(definitions.link(metric), formatNumber(figure.value), unit, change, estimate);
}

function goodputTile({ definitions }: Context, load: PageLoad): HTMLElement {
  const limits = Object.entries(load.plan.limits as Readonly<Record<string, number>>).map(
    ([name, limit]) => `${name.replace(/Ms$/, "")} ≤ ${formatMs(limit)}`,
  );
  const detail = limits.length === 0 ? "no limits for a request were set" : limits.join(", ");
  const value = formatShare(load.figures.goodputShare.value);
  return tile(
    definitions.link("goodputShare"),
    value,
    `${formatNumber(load.figures.goodput.value)} requests/s`,
    detail,
  );
}

function errorTile({ definitions }: Context, load: PageLoad): HTMLElement {
  const { attempted, byStatus } = load.counts;
  const failed = attempted - (byStatus.ok ?? 0);
  return tile(
    definitions.link("errorShare", "errors"),
    formatCount(failed),
    `of ${formatCount(attempted)} requests, ${formatShare(load.figures.errorShare.value)}`,
  );
}

function concurrencyTile({ definitions }: Context, load: PageLoad): HTMLElement {
  const [mean, peak] = (["concurrencyMean", "concurrencyPeak"] satisfies MetricKey[]).map(
    (metric) => load.figures[metric].value,
  );
  return tile(definitions.link("concurrencyMean"), formatNumber(mean ?? 0), `peak ${formatCount(peak ?? 0)}`);
}
