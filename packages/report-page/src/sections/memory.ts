import { bandsPlugin, marksPlugin } from "../charts/marks.js";
import { createTimeChart, type TimeSeries } from "../charts/time-chart.js";
import { legend } from "../charts/legend.js";
import type { Context } from "../context.js";
import { h, note, section } from "../dom.js";
import { table, tableBehind } from "../table.js";
import {
  formatBytes,
  formatCount,
  formatMs,
  type LeakVerdict,
  type MemoryRecord,
  type MemorySourceInfo,
  type MemorySourceName,
} from "../testkit.js";

const LEAK_BADGES = { leak: "fail", step: "not-comparable", none: "pass", inconclusive: "inconclusive" } as const;

/** Powers of two, so that an axis has round numbers of KiB, MiB and GiB. */
const BYTE_STEPS = Array.from({ length: 50 }, (_, power) => 2 ** power);

/** Memory over time by source, with phases, idle points and the fitted line. */
export function memorySection(context: Context): HTMLElement | undefined {
  const { memory } = context.data.report;
  if (memory === undefined) return undefined;
  const made = section("memory", "Memory");
  const available = memory.sources.filter(({ status }) => status === "available");
  if (memory.verdicts.length > 0) made.append(verdictTable(memory.verdicts));
  for (const source of available) made.append(sourceChart(context, memory, source));
  const missing = memory.sources.filter(({ status }) => status === "unavailable");
  for (const { name, reason } of missing)
    made.append(note(`${name}: unavailable, ${reason ?? "for an unknown reason"}`));
  made.append(
    note(
      `Idle points are moments without a running job (according to ${memory.idleBy === "slots" ? "the worker's own slots" : "the caller's statement"}); only they are judged. The dashed line (Theil–Sen) is fitted to them, without the first third. Drag to zoom, double-click to see all.`,
    ),
    tableBehind("memory by phase", () => phaseTable(memory, available)),
  );
  return made;
}

function verdictTable(verdicts: readonly LeakVerdict[]): HTMLElement {
  const columns = [
    { title: "Leak" },
    { title: "Source" },
    { title: "Idle points", isNumber: true },
    { title: "In words" },
  ];
  const rows = verdicts.map(({ status, source, pointCount, reason }) => {
    const word = h("span", { class: `badge ${LEAK_BADGES[status]}` }, status);
    return [word, source, formatCount(pointCount), h("span", { class: "words" }, reason)];
  });
  return table("Leak verdicts", columns, { rows, isStacked: true });
}

function sourceChart(
  context: Context,
  memory: MemoryRecord,
  { name, definition, device }: MemorySourceInfo,
): HTMLElement {
  const samples = memory.samples;
  const idle = samples.map(({ idle: isIdle, bytes }) => (isIdle ? (bytes[name] ?? null) : null));
  const fitted = fitLine(memory, name);
  const series: TimeSeries[] = [
    { label: "memory", color: "series-1", values: samples.map(({ bytes }) => bytes[name] ?? null) },
    ...(idle.some((value) => value !== null)
      ? [{ label: "idle points", color: "series-2", values: idle, isPoints: true, pointSize: 6 }]
      : []),
    ...(fitted === undefined ? [] : [{ label: "fitted line", color: "mark", values: fitted, isDashed: true }]),
  ];
  const title = h(
    "span",
    { title: definition },
    device === undefined ? name : `${name} (GPU ${device.index}, ${device.name})`,
  );
  return createTimeChart({
    context,
    title,
    label: `Memory by ${name} over time.`,
    atMs: samples.map(({ atMs }) => atMs),
    durationMs: memory.durationMs,
    series,
    read: (index) => describeSample(memory, name, index),
    formatY: (marks) => marks.map((mark) => formatBytes(mark)),
    controls: [legend(series.map(({ color, label, isDashed }) => ({ color, label, ...(isDashed && { isDashed }) })))],
    footer: [note(definition)],
    plugins: [
      bandsPlugin(memory.phases.map(({ name: label, fromMs, toMs }) => ({ label, from: fromMs, to: toMs }))),
      marksPlugin(() => memory.marks.map(({ kind, atMs }) => ({ at: atMs, label: kind, color: "bad" }))),
    ],
    hasMarks: memory.marks.length > 0,
    fitted: samples.map(({ worker, bytes }) => (worker === "running" ? (bytes[name] ?? null) : null)),
    steps: BYTE_STEPS,
    isShared: false,
    height: 190,
  }).figure;
}

/** The line is one over cycles: it is drawn at the idle points, which know theirs. */
function fitLine({ samples, verdicts }: MemoryRecord, source: MemorySourceName): (number | null)[] | undefined {
  const found = verdicts.find((verdict) => verdict.source === source);
  if (found === undefined || found.status === "inconclusive") return undefined;
  const { slope, keptCycles } = found;
  const [first, last] = keptCycles;
  let count = -1;
  return samples.map(({ idle, cycle, bytes }) => {
    if (!idle) return null;
    count += 1;
    const x = cycle ?? count;
    if (bytes[source] === undefined || x < first || x > last) return null;
    return slope.interceptBytes + slope.bytesPerCycle * x;
  });
}

function describeSample({ samples }: MemoryRecord, source: MemorySourceName, index: number): string {
  const sample = samples[index];
  if (sample === undefined) return "";
  const bytes = sample.bytes[source];
  const cycle = sample.cycle === undefined ? "" : `, after cycle ${sample.cycle}`;
  const figure = bytes === undefined ? "no figure" : formatBytes(bytes);
  return `${formatMs(sample.atMs)}, ${sample.phase}${cycle}: ${figure}${sample.idle ? ", idle" : ""}`;
}

function phaseTable({ phases }: MemoryRecord, sources: readonly MemorySourceInfo[]): HTMLElement {
  const columns = [
    { title: "Phase" },
    { title: "From", isNumber: true },
    { title: "To", isNumber: true },
    ...sources.flatMap(({ name }) => [
      { title: `${name}, peak`, isNumber: true },
      { title: `${name}, last`, isNumber: true },
    ]),
  ];
  const rows = phases.map(({ name, fromMs, toMs, peakBytes, lastBytes }) => {
    const figures = sources.flatMap((source) => [peakBytes[source.name], lastBytes[source.name]]);
    return [
      name,
      formatMs(fromMs),
      formatMs(toMs),
      ...figures.map((bytes) => (bytes === undefined ? "–" : formatBytes(bytes))),
    ];
  });
  return table("Memory by phase", columns, { rows });
}
