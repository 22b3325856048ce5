import { formatTimeMarks } from "../format.js";
import { color } from "../theme.js";
import type { TimeRange } from "../state.js";
import { cutRequest, timeMarks } from "./layout.js";
import type { RequestRecord } from "../testkit.js";

export const ROW_HEIGHT = 14;
export const AXIS_HEIGHT = 24;
const BAR_HEIGHT = 9;
/** What is too short to be seen is this wide. */
const LEAST_WIDTH = 1.5;
const FONT = "12px system-ui, sans-serif";

/** What is in view. */
export interface TimelineView {
  readonly width: number;
  readonly height: number;
  readonly records: readonly RequestRecord[];
  /** How far the first row is scrolled out, in px. */
  readonly offset: number;
  readonly range: TimeRange;
  /** Each row from its own schedule on. */
  readonly isAligned: boolean;
  readonly selected: RequestRecord | undefined;
}

/** Draws the rows and the time axis above them. */
export function drawTimeline(canvas: HTMLCanvasElement, view: TimelineView): void {
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.round(view.width * ratio);
  canvas.height = Math.round(view.height * ratio);
  canvas.style.width = `${view.width}px`;
  canvas.style.height = `${view.height}px`;
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.scale(ratio, ratio);
  context.fillStyle = color("card");
  context.fillRect(0, 0, view.width, view.height);
  const { fromMs, toMs } = view.range;
  const toX = (ms: number) => ((ms - fromMs) / Math.max(toMs - fromMs, 1e-9)) * view.width;
  drawGrid(context, view, toX);
  for (const [row, record] of view.records.entries()) {
    drawRow(context, { record, view, toX, top: AXIS_HEIGHT + row * ROW_HEIGHT - view.offset });
  }
  drawAxis(context, view, toX);
}

function drawGrid(
  context: CanvasRenderingContext2D,
  { range, width, height }: TimelineView,
  toX: (ms: number) => number,
): void {
  context.fillStyle = color("grid");
  for (const mark of timeMarks(range.fromMs, range.toMs, width / 110)) {
    context.fillRect(Math.round(toX(mark)), AXIS_HEIGHT, 1, height);
  }
}

function drawAxis(
  context: CanvasRenderingContext2D,
  { range, width }: TimelineView,
  toX: (ms: number) => number,
): void {
  context.fillStyle = color("card");
  context.fillRect(0, 0, width, AXIS_HEIGHT);
  context.fillStyle = color("grid");
  context.fillRect(0, AXIS_HEIGHT - 1, width, 1);
  context.font = FONT;
  context.fillStyle = color("muted");
  const marks = timeMarks(range.fromMs, range.toMs, width / 110);
  for (const [index, text] of formatTimeMarks(marks).entries()) {
    const x = toX(marks[index] ?? 0);
    const size = context.measureText(text).width;
    context.fillText(text, Math.min(width - size - 2, Math.max(2, x - size / 2)), 16);
  }
}

interface Row {
  readonly record: RequestRecord;
  readonly view: TimelineView;
  readonly toX: (ms: number) => number;
  readonly top: number;
}

function drawRow(context: CanvasRenderingContext2D, { record, view, toX, top }: Row): void {
  if (record === view.selected) {
    context.fillStyle = color("selected");
    context.fillRect(0, top, view.width, ROW_HEIGHT);
  }
  const y = top + (ROW_HEIGHT - BAR_HEIGHT) / 2;
  const originMs = view.isAligned ? record.schedMs : 0;
  for (const { color: name, fromMs, toMs } of cutRequest(record)) {
    const [from, to] = [Math.max(-1, toX(fromMs - originMs)), Math.min(view.width + 1, toX(toMs - originMs))];
    if (to < 0 || from > view.width) continue;
    context.fillStyle = color(name);
    const inset = name === "queue" || name === "tail" ? 3 : 0;
    context.fillRect(from, y + inset, Math.max(LEAST_WIDTH, to - from), BAR_HEIGHT - 2 * inset);
  }
}
