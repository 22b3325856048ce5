import { color } from "../../theme.js";
import type { ExchangeModel } from "../model/exchange-model.js";

const LEVEL_PX = 17;
const LEVELS = 2;
const GAP_PX = 10;

interface Marker {
  readonly atMs: number;
  readonly label: string;
  readonly look: string;
}

/** Where markers are drawn. */
export interface MarkerPlace {
  readonly toX: (ms: number) => number;
  readonly widthPx: number;
  /** What is outside is not drawn. */
  readonly span: { readonly fromMs: number; readonly toMs: number };
  /** Under the labels. */
  readonly baseYPx: number;
}

/** Draws what happened: the end, cancel calls, faults, the broken rule. Labels that would overlap are left out; the transcript has them. */
export function drawMarkers(context: CanvasRenderingContext2D, model: ExchangeModel, place: MarkerPlace): void {
  const { toX, widthPx, span, baseYPx } = place;
  const ends: number[] = Array.from({ length: LEVELS }, () => -Infinity);
  for (const { atMs, label, look } of listMarkers(model)) {
    if (atMs < span.fromMs || atMs > span.toMs) continue;
    const x = toX(atMs);
    context.fillStyle = color(look);
    context.fillRect(Math.round(x), baseYPx - 6, 1, 66);
    const width = context.measureText(label).width;
    const left = Math.min(Math.max(2, x - width / 2), widthPx - width - 2);
    const level = ends.findIndex((end) => left > end + GAP_PX);
    if (level < 0) continue;
    ends[level] = left + width;
    context.fillText(label, left, baseYPx - 10 - level * LEVEL_PX);
  }
}

/** The broken rule is first: its label is never left out. */
function listMarkers({ exchange, events, moments, endMs }: ExchangeModel): Marker[] {
  const { violation, outcome } = exchange;
  const terminal = events.findLast(({ type }) => type === "end" || type === "error");
  const ended = terminal ?? (outcome === null ? undefined : { type: outcome.status, atMs: outcome.atMs });
  const others: Marker[] = [
    ...moments.map(({ kind, label, atMs }) => ({
      atMs,
      label: kind === "fault" ? label : kind,
      look: kind === "fault" ? "mark" : "warn",
    })),
    ...(ended === undefined ? [] : [{ atMs: ended.atMs, label: ended.type, look: "ink" }]),
  ].sort((one, other) => one.atMs - other.atMs);
  if (violation === null) return others;
  const atMs = events[violation.index]?.atMs ?? endMs;
  return [{ atMs, label: `✗ ${violation.rule}`, look: "bad" }, ...others];
}
