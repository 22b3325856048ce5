import type { Context } from "../context.js";
import { h, note } from "../dom.js";
import { formatTimeMarks } from "../format.js";
import { timeMarks } from "../timeline/layout.js";
import { color, isPrinting, onRedraw } from "../theme.js";
import { formatCount, formatMs, plural, type RequestRecord } from "../testkit.js";

const HEIGHT = 58;
const BAR_TOP = 8;
const BAR_HEIGHT = 22;
const PRINT_WIDTH = 640;
/** A run keeps fewer; a file may come from anywhere. */
const MOST_TICKS = 10_000;

interface Ticks {
  readonly record: RequestRecord;
  /** Arrivals of content; the first and the last if the others were not kept. */
  readonly times: readonly number[];
  readonly fromMs: number;
  readonly toMs: number;
}

/** One request from its schedule to its close, with a tick for each piece of content. */
export function tokenTicks({ texts }: Context, record: RequestRecord): HTMLElement {
  const kept = texts.get(record.index)?.contentAtMs.slice(0, MOST_TICKS);
  const known = [record.firstMs, record.lastMs].filter((ms) => ms !== null);
  const ticks: Ticks = { record, times: kept ?? known, fromMs: record.schedMs, toMs: record.closeMs };
  const canvas = h("canvas", { role: "img", "aria-label": describe(ticks) });
  const box = h("div", { class: "token-ticks" }, canvas);
  const draw = (): void => {
    if (canvas.isConnected) drawTicks(canvas, ticks, isPrinting() ? PRINT_WIDTH : box.clientWidth);
  };
  new ResizeObserver(draw).observe(box);
  redrawWith(draw);
  const missing = record.contentEventCount - ticks.times.length;
  if (missing > 0) box.append(note(`The arrivals of ${formatCount(missing)} other tokens were not kept.`));
  return box;
}

/** Of the request that is open: there is one at a time. */
let drawAgain: (() => void) | undefined;

function redrawWith(draw: () => void): void {
  drawAgain = draw;
  onRedraw(() => {
    if (drawAgain === draw) draw();
  });
}

function describe({ record, times, fromMs }: Ticks): string {
  const first = record.firstMs === null ? "no content" : `first content after ${formatMs(record.firstMs - fromMs)}`;
  const stall = record.longestStallMs === null ? "" : `, longest stall ${formatMs(record.longestStallMs)}`;
  return `Arrival of content: ${first}, ${plural(times.length, "tick")}${stall}, closed after ${formatMs(record.closeMs - fromMs)}.`;
}

function drawTicks(canvas: HTMLCanvasElement, { record, times, fromMs, toMs }: Ticks, width: number): void {
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(HEIGHT * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${HEIGHT}px`;
  const context = canvas.getContext("2d");
  if (context === null || width === 0) return;
  context.scale(ratio, ratio);
  const toX = (ms: number) => 1 + ((ms - fromMs) / Math.max(toMs - fromMs, 1e-9)) * (width - 3);
  const fill = (name: string, from: number, to: number) => {
    context.fillStyle = color(name);
    context.fillRect(toX(from), BAR_TOP + 6, Math.max(0, toX(to) - toX(from)), BAR_HEIGHT - 12);
  };
  fill("queue", record.schedMs, record.sendMs);
  const isOk = record.status === "ok";
  fill(isOk || record.firstMs !== null ? "wait" : "bad", record.sendMs, record.firstMs ?? record.closeMs);
  if (record.firstMs !== null) fill("tail", record.firstMs, record.closeMs);
  context.fillStyle = color(isOk ? "tokens" : "bad");
  for (const time of times) context.fillRect(toX(time) - 0.5, BAR_TOP, 1.5, BAR_HEIGHT);
  drawAxis(context, { toX, width, fromMs, toMs });
}

function drawAxis(
  context: CanvasRenderingContext2D,
  { toX, width, fromMs, toMs }: { toX: (ms: number) => number; width: number; fromMs: number; toMs: number },
): void {
  context.font = "12px system-ui, sans-serif";
  context.fillStyle = color("muted");
  const marks = timeMarks(0, toMs - fromMs, width / 110);
  for (const [index, text] of formatTimeMarks(marks).entries()) {
    const x = toX(fromMs + (marks[index] ?? 0));
    const size = context.measureText(text).width;
    context.fillText(text, Math.min(width - size - 2, Math.max(0, x - size / 2)), HEIGHT - 8);
  }
}
