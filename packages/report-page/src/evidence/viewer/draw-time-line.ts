import { formatTimeMarks } from "../../format.js";
import { color } from "../../theme.js";
import type { ExchangeModel } from "../model/exchange-model.js";
import { drawMarkers } from "./draw-markers.js";

/** Of the whole time line. */
export const HEIGHT_PX = 132;
const SIDE_PX = 8;
const PHASES = { topPx: 40, heightPx: 12 };
const TICKS = { topPx: 58, heightPx: 34 };
const AXIS_PX = 104;
const MARK_EVERY_PX = 110;

/** From where to where a time line reaches. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What a drawing needs besides the request. */
export interface TimeLineView {
  readonly widthPx: number;
  readonly span: Span;
  /** The moment that is looked at. */
  readonly atMs: number;
}

/** A part of the time line around a moment: half of it for each step. */
export function zoomInto({ fromMs, toMs }: Span, steps: number, atMs: number): Span {
  const length = (toMs - fromMs) / 2 ** steps;
  const start = Math.min(Math.max(fromMs, atMs - length / 2), toMs - length);
  return { fromMs: start, toMs: start + length };
}

/** The whole life of a request. */
export function spanOf({ exchange, endMs, moments }: ExchangeModel): Span {
  const fromMs = exchange.sentAtMs;
  const last = moments.reduce((latest, { atMs }) => Math.max(latest, atMs), endMs);
  return { fromMs, toMs: Math.max(last, fromMs + 0.1) };
}

/** The time at a place of the time line. */
export function timeAt({ fromMs, toMs }: Span, xPx: number, widthPx: number): number {
  const share = (xPx - SIDE_PX) / Math.max(1, widthPx - 2 * SIDE_PX);
  return fromMs + Math.min(1, Math.max(0, share)) * (toMs - fromMs);
}

/** Draws phases, one tick for each token, stalls, what happened meanwhile, and the moment that is looked at. */
export function drawTimeLine(canvas: HTMLCanvasElement, model: ExchangeModel, view: TimeLineView): void {
  const { widthPx, atMs, span } = view;
  const ratio = devicePixelRatio;
  canvas.width = Math.round(widthPx * ratio);
  canvas.height = Math.round(HEIGHT_PX * ratio);
  canvas.style.width = `${widthPx}px`;
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.scale(ratio, ratio);
  context.font = "12px system-ui, sans-serif";
  const { fromMs, toMs } = span;
  const toX = (ms: number): number => SIDE_PX + ((ms - fromMs) / (toMs - fromMs)) * (widthPx - 2 * SIDE_PX);
  drawStalls(context, model, toX);
  drawPhases(context, model, toX);
  drawTicks(context, model, { toX, span });
  drawAxis(context, { widthPx, toX, span, zeroMs: model.exchange.sentAtMs });
  drawMarkers(context, model, { toX, widthPx, span, baseYPx: PHASES.topPx });
  context.fillStyle = color("accent");
  context.fillRect(
    Math.round(toX(Math.min(toMs, Math.max(fromMs, atMs)))) - 1,
    PHASES.topPx - 4,
    2,
    AXIS_PX - PHASES.topPx + 4,
  );
}

type ToX = (ms: number) => number;

function drawStalls(context: CanvasRenderingContext2D, { stalls }: ExchangeModel, toX: ToX): void {
  context.fillStyle = color("warn-soft");
  for (const { fromMs, toMs } of stalls) {
    context.fillRect(toX(fromMs), TICKS.topPx, Math.max(2, toX(toMs) - toX(fromMs)), TICKS.heightPx);
  }
}

function drawPhases(context: CanvasRenderingContext2D, { phases }: ExchangeModel, toX: ToX): void {
  for (const { kind, fromMs, toMs } of phases) {
    context.fillStyle = color(kind);
    context.fillRect(toX(fromMs), PHASES.topPx, Math.max(1, toX(toMs) - toX(fromMs)), PHASES.heightPx);
  }
}

/** Of the tokens in one column of pixels, one is drawn. Events of other types are shorter. */
function drawTicks(
  context: CanvasRenderingContext2D,
  { events, exchange }: ExchangeModel,
  { toX, span }: { readonly toX: ToX; readonly span: Span },
): void {
  let drawn = -1;
  for (const { type, atMs } of events) {
    if (atMs < span.fromMs || atMs > span.toMs) continue;
    const isToken = type === "token";
    const x = Math.round(toX(atMs));
    if (isToken && x === drawn) continue;
    if (isToken) drawn = x;
    context.fillStyle = color(isToken ? "tokens" : "muted");
    const height = isToken ? TICKS.heightPx : TICKS.heightPx / 2;
    context.fillRect(x, TICKS.topPx + TICKS.heightPx - height, 1, height);
  }
  const broken = exchange.violation === null ? undefined : events[exchange.violation.index];
  if (broken === undefined) return;
  context.fillStyle = color("bad");
  context.fillRect(Math.round(toX(broken.atMs)) - 1, TICKS.topPx - 2, 3, TICKS.heightPx + 4);
}

function drawAxis(
  context: CanvasRenderingContext2D,
  { widthPx, toX, span, zeroMs }: Omit<TimeLineView, "atMs"> & { readonly toX: ToX; readonly zeroMs: number },
): void {
  const step = niceStep((span.toMs - span.fromMs) / Math.max(1, Math.floor(widthPx / MARK_EVERY_PX)));
  const first = Math.ceil((span.fromMs - zeroMs) / step);
  const last = Math.floor((span.toMs - zeroMs) / step);
  const marks = Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
  const labels = formatTimeMarks(marks);
  context.fillStyle = color("line");
  context.fillRect(SIDE_PX, AXIS_PX, widthPx - 2 * SIDE_PX, 1);
  context.fillStyle = color("muted");
  for (const [index, mark] of marks.entries()) {
    const x = toX(zeroMs + mark);
    context.fillRect(Math.round(x), AXIS_PX, 1, 4);
    const label = labels[index] ?? "";
    const half = context.measureText(label).width / 2;
    context.fillText(label, Math.min(Math.max(0, x - half), widthPx - 2 * half), AXIS_PX + 18);
  }
}

/** 1, 2 or 5 times a power of ten, at least `least`. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 0.001)));
  return ([1, 2, 5, 10].find((factor) => factor * power >= least) ?? 10) * power;
}
