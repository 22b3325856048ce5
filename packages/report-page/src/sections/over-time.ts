import { createTimeChart, type TimeSeries } from "../charts/time-chart.js";
import { legend, type LegendEntry } from "../charts/legend.js";
import type { Context } from "../context.js";
import { button, h, section } from "../dom.js";
import { table, tableBehind } from "../table.js";
import { heatMap } from "./heat-map.js";
import { latencyOverTime } from "./latency-over-time.js";
import { describeOverTime, type OverTime } from "../series/over-time.js";
import { formatMs, formatNumber } from "../testkit.js";

/** Throughput, tokens, concurrency and latency over the run. */
export function overTimeSection(context: Context): HTMLElement | undefined {
  const { load, stride } = context.data;
  if (load === null || context.records.length === 0) return undefined;
  const durationMs = load.window.lastCloseMs;
  const over = describeOverTime(context.records, { durationMs, scale: stride });
  const reset = button("Show all of the run", () => context.state.zoom(undefined), { class: "reset" });
  reset.disabled = true;
  context.state.onChange(() => (reset.disabled = context.state.range === undefined));
  return section(
    "over-time",
    "Over time",
    h(
      "div",
      { class: "toolbar" },
      reset,
      h(
        "p",
        { class: "note screen-only" },
        "Drag to zoom into all of these charts and the requests below. Click a dot to open its request.",
      ),
    ),
    requestRates(context, over, durationMs),
    tokenRates(context, over, durationMs),
    concurrency(context, over, durationMs),
    heatMap(context, load, durationMs),
    latencyOverTime(context, load, durationMs),
    tableBehind("throughput and concurrency over time", () => overTimeTable(over)),
  );
}

function requestRates(context: Context, over: OverTime, durationMs: number): HTMLElement {
  const hasFailures = over.failedPerSec.some((rate) => rate > 0);
  const series: TimeSeries[] = [
    { label: "sent", color: "series-2", values: over.sentPerSec, isDashed: true },
    { label: "ok", color: "series-1", values: over.okPerSec },
    ...(hasFailures ? [{ label: "not ok", color: "bad", values: over.failedPerSec, isCross: true }] : []),
  ];
  return rateChart(context, over, {
    durationMs,
    series,
    title: "Requests per second",
    label: "Requests per second over time: sent, ok, not ok.",
  });
}

function tokenRates(context: Context, over: OverTime, durationMs: number): HTMLElement {
  const series = [{ label: "output tokens", color: "series-1", values: over.tokensPerSec, isFilled: true }];
  return rateChart(context, over, {
    durationMs,
    series,
    title: "Output tokens per second",
    label: "Output tokens per second over time.",
  });
}

function concurrency(context: Context, over: OverTime, durationMs: number): HTMLElement {
  const series = [{ label: "requests in flight", color: "series-3", values: over.concurrency, isFilled: true }];
  return rateChart(context, over, { durationMs, series, title: "Concurrency", label: "Requests in flight over time." });
}

interface RateChart {
  readonly title: string;
  readonly label: string;
  readonly series: readonly TimeSeries[];
  readonly durationMs: number;
}

function rateChart(context: Context, over: OverTime, { title, label, series, durationMs }: RateChart): HTMLElement {
  const half = over.widthMs / 2;
  const read = (index: number) => {
    const atMs = over.atMs[index] ?? 0;
    const values = series.map((one) => `${one.label} ${formatNumber(one.values[index] ?? 0)}`);
    return `${formatMs(atMs - half)} – ${formatMs(atMs + half)}: ${values.join(", ")}`;
  };
  const formatY = (marks: number[]) => marks.map((mark) => formatNumber(mark));
  const controls = series.length > 1 ? [legend(series.map(toEntry))] : [];
  return createTimeChart({
    context,
    title,
    label,
    series,
    durationMs,
    atMs: over.atMs,
    read,
    formatY,
    controls,
    height: 150,
  }).figure;
}

function toEntry({ color, label, isDashed = false, isCross = false }: TimeSeries): LegendEntry {
  return { color, label, isDashed, isCross };
}

function overTimeTable(over: OverTime): HTMLElement {
  const names = ["Sent /s", "Ok /s", "Not ok /s", "Tokens /s", "Concurrency"];
  const columns = [{ title: "From", isNumber: true }, ...names.map((title) => ({ title, isNumber: true }))];
  const rows = over.atMs.map((atMs, index) => {
    const lists = [over.sentPerSec, over.okPerSec, over.failedPerSec, over.tokensPerSec, over.concurrency];
    return [formatMs(atMs - over.widthMs / 2), ...lists.map((list) => formatNumber(list[index] ?? 0))];
  });
  return table("Throughput and concurrency over time", columns, { rows });
}
