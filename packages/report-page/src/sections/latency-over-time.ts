import { createTimeChart } from "../charts/time-chart.js";
import { legend } from "../charts/legend.js";
import type { Context } from "../context.js";
import { formatTimeMarks } from "../format.js";
import { formatMs, judgedMetric, measureRequest, type PageLoad, type RequestRecord } from "../testkit.js";

/** TTFT of every request at the time of its send; requests without a first token are drawn at the top. */
export function latencyOverTime(context: Context, load: PageLoad, durationMs: number): HTMLElement {
  const metric = judgedMetric("ttft", load.plan.judgedFrom);
  const sorted = [...context.records].sort((a, b) => a.sendMs - b.sendMs);
  const ttfts = sorted.map((record) => measureRequest(record, metric) ?? null);
  const highest = ttfts.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
  const values = () => [
    sorted.map((record, index) => (isShown(context, record) && record.status === "ok" ? (ttfts[index] ?? null) : null)),
    sorted.map((record, index) =>
      isShown(context, record) && record.status !== "ok" ? (ttfts[index] ?? highest) : null,
    ),
  ];
  const atMs = sorted.map(({ sendMs }) => sendMs);
  const [ok = [], failed = []] = values();
  const chart = createTimeChart({
    context,
    title: context.definitions.link(metric, `${context.definitions.title(metric)}, of each request`),
    label: "Time to first token of each request over time.",
    atMs,
    durationMs,
    series: [
      { label: "ok", color: "series-1", values: ok, isPoints: true },
      { label: "not ok", color: "bad", values: failed, isPoints: true },
    ],
    read: (index) => describePoint(sorted[index], ttfts[index] ?? null),
    formatY: formatTimeMarks,
    controls: [
      legend([
        { color: "series-1", label: "ok" },
        { color: "bad", label: "not ok (at the top without a first token)" },
      ]),
    ],
    height: 180,
  });
  context.state.onChange(() => {
    const { min = 0, max = durationMs } = chart.plot.scales["x"] ?? {};
    chart.plot.setData([atMs, ...values()], false);
    chart.plot.setScale("x", { min, max });
  });
  return chart.figure;
}

function isShown({ state }: Context, { status }: RequestRecord): boolean {
  return state.shows(status);
}

function describePoint(record: RequestRecord | undefined, ttft: number | null): string {
  if (record === undefined) return "";
  const name = record.jobId ?? `request ${record.index}`;
  return `${name}, ${record.status}, sent at ${formatMs(record.sendMs)}: ${ttft === null ? "no first token" : formatMs(ttft)}`;
}
