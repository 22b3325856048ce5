import { axis, createChart } from "../charts/chart.js";
import { legend } from "../charts/legend.js";
import { marksPlugin } from "../charts/marks.js";
import type { Context } from "../context.js";
import { h, note, section } from "../dom.js";
import { formatTimeMarks } from "../format.js";
import { table } from "../table.js";
import { color } from "../theme.js";
import {
  describeOffered,
  describeResponseTable,
  formatMs,
  formatNumber,
  type Distribution,
  type LoadResponse,
  type LoadStep,
} from "../testkit.js";

/** A line over the steps. */
interface StepLine {
  readonly label: string;
  readonly color: string;
  readonly isDashed?: boolean;
  readonly values: readonly (number | null)[];
}

/** How the worker responded to more load: throughput and latency of each step, and the knee. */
export function loadResponseSection({ data }: Context): HTMLElement | undefined {
  const response = data.load?.response;
  if (response === undefined) return undefined;
  const { knee, steps } = response;
  return section(
    "load-response",
    "Load response",
    h("p", { class: `knee ${knee.status}` }, capitalize(knee.message), "."),
    responseTable(response),
    h(
      "div",
      { class: "grid" },
      stepChart(response, { title: "Offered and achieved", lines: throughputLines(response), format: formatNumbers }),
      latencyChart(response, "Time to first token", (step) => step.ttft),
      latencyChart(response, "Inter-token latency", (step) => step.itl),
    ),
    note(
      `The knee is the step with the most throughput per latency: beyond it, more load costs more latency than it gains throughput. ${describeSteps(steps)}`,
    ),
  );
}

function describeSteps(steps: readonly LoadStep[]): string {
  const lacking = steps.filter(({ ttft }) => typeof ttft.percentiles.p95 !== "number").length;
  if (lacking === 0) return "";
  return `${lacking === steps.length ? "No step has" : `${lacking} of ${steps.length} steps do not have`} enough requests for a p95, which needs 130.`;
}

function responseTable(response: LoadResponse): HTMLElement {
  const { columns, rows } = describeResponseTable(response);
  const kneeRow = response.knee.status === "found" ? response.knee.step : undefined;
  const made = table(
    "Load response",
    columns.map((title, index) => ({ title, isNumber: index < columns.length - 1 })),
    { rows: rows.map((cells, row) => cells.map((cell) => (row === kneeRow ? h("strong", {}, cell) : cell))) },
  );
  return made;
}

/** The dashed line is what a worker without limits would achieve. */
function throughputLines({ offeredUnit, steps }: LoadResponse): StepLine[] {
  const lowest = steps.reduce<LoadStep | undefined>(
    (least, step) => (least === undefined || step.offered < least.offered ? step : least),
    undefined,
  );
  const perClient = lowest === undefined || lowest.offered === 0 ? 0 : lowest.achievedPerSec / lowest.offered;
  const isOpen = offeredUnit === "requests/s";
  const ideal = steps.map(({ offered }) => (isOpen ? offered : offered * perClient));
  const goodput = steps.map(({ goodputPerSec }) => goodputPerSec);
  const achieved = steps.map(({ achievedPerSec }) => achievedPerSec);
  const hasGoodput = goodput.some((value, index) => value !== achieved[index]);
  return [
    { label: isOpen ? "offered" : "if it grew with the clients", color: "mark", isDashed: true, values: ideal },
    { label: "achieved", color: "series-1", values: achieved },
    ...(hasGoodput ? [{ label: "goodput", color: "series-3", values: goodput }] : []),
  ];
}

function latencyChart(response: LoadResponse, title: string, of: (step: LoadStep) => Distribution): HTMLElement {
  const percentile = (key: "p50" | "p95") =>
    response.steps.map((step) => {
      const value = of(step).percentiles[key];
      return typeof value === "number" ? value : null;
    });
  const lines = [
    { label: "p50", color: "series-1", values: percentile("p50") },
    { label: "p95", color: "series-2", isDashed: true, values: percentile("p95") },
  ];
  return stepChart(response, { title, lines, format: formatTimeMarks, read: formatMs });
}

interface StepChart {
  readonly title: string;
  readonly lines: readonly StepLine[];
  readonly format: (marks: number[]) => string[];
  readonly read?: (value: number) => string;
}

/** The steps have equal distances: the values of a sweep often double. */
function stepChart(response: LoadResponse, { title, lines, format, read = perSec }: StepChart): HTMLElement {
  const { steps, offeredUnit, knee } = response;
  const positions = steps.map((_, index) => index);
  const nameOf = (index: number) => describeOffered(steps[index]?.offered ?? 0, offeredUnit);
  const ends: [number, number] = [-0.25, steps.length - 0.75];
  const marks = knee.status === "found" ? [{ at: knee.step, label: "knee", color: "bad" }] : [];
  return createChart({
    title: `${title}, by ${offeredUnit === "clients" ? "clients" : "requests per second"}`,
    label: `${title} at each step of the load.`,
    height: 190,
    isHalf: true,
    controls: [legend(lines)],
    data: [positions, ...lines.map(({ values }) => [...values])],
    read: (index) => `${nameOf(index)}: ${lines.map((line) => readLine(line, index, read)).join(", ")}`,
    plot: {
      scales: {
        x: { time: false, range: (_plot, min: number | null, max: number | null) => zoomed(ends, [min, max]) },
        y: { range: (_plot, _low, high: number | null) => [0, high === null || high <= 0 ? 1 : high * 1.15] },
      },
      axes: [
        axis((at) => at.map((index) => (Number.isInteger(index) ? formatNumber(steps[index]?.offered ?? 0) : "")), {
          size: 30,
          splits: () => positions,
        }),
        axis(format, { size: 62 }),
      ],
      cursor: { y: false, drag: { x: false, y: false } },
      series: [{}, ...lines.map((line) => describeLine(line))],
      plugins: [marksPlugin(() => marks)],
    },
  }).figure;
}

/** uPlot first asks with the ends of the data. */
function zoomed(ends: [number, number], [min, max]: [number | null, number | null]): [number, number] {
  const isAll = min === null || max === null || (min <= 0 && max >= ends[1] - 0.25);
  return isAll ? ends : [min, max];
}

function describeLine({ label, color: name, isDashed }: StepLine) {
  return {
    label,
    stroke: () => color(name),
    width: 1.75,
    spanGaps: true,
    ...(isDashed === true && { dash: [6, 4] }),
    points: { show: true, size: 7, width: 0, fill: () => color(name), stroke: () => color(name) },
  };
}

function readLine({ label, values }: StepLine, index: number, read: (value: number) => string): string {
  const value = values[index];
  return `${label} ${value === null || value === undefined ? "–" : read(value)}`;
}

function perSec(value: number): string {
  return `${formatNumber(value)}/s`;
}

function formatNumbers(marks: number[]): string[] {
  return marks.map((mark) => formatNumber(mark));
}

function capitalize(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
