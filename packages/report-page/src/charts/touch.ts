import type uPlot from "uplot";
import { zoomTo } from "./keys.js";

/** A shorter drag is a tap. */
const LEAST_DRAG = 10;
const DOUBLE_TAP_MS = 350;

/**
 * Zooms by dragging sideways with a finger, and shows all at a double tap; the library knows only the mouse. A drag up or down still scrolls the
 * page: the style sheet leaves that to the browser (`touch-action: pan-y`).
 */
export function bindTouch(plot: uPlot, reset: () => void): void {
  const { over } = plot;
  let start: { readonly id: number; readonly x: number } | undefined;
  let lastTapMs = -Infinity;
  over.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch" || !event.isPrimary) return;
    start = { id: event.pointerId, x: positionOf(over, event) };
  });
  over.addEventListener("pointermove", (event) => {
    if (event.pointerId === start?.id) select(plot, start.x, positionOf(over, event));
  });
  over.addEventListener("pointercancel", () => {
    start = undefined;
    select(plot, 0, 0);
  });
  over.addEventListener("pointerup", (event) => {
    if (event.pointerId !== start?.id) return;
    const [from, to] = [start.x, positionOf(over, event)];
    start = undefined;
    select(plot, 0, 0);
    if (Math.abs(to - from) >= LEAST_DRAG) {
      const [left, right] = [Math.min(from, to), Math.max(from, to)];
      zoomTo(plot, { min: plot.posToVal(left, "x"), max: plot.posToVal(right, "x") });
      return;
    }
    if (event.timeStamp - lastTapMs < DOUBLE_TAP_MS) reset();
    lastTapMs = event.timeStamp;
  });
}

function select(plot: uPlot, from: number, to: number): void {
  const [left, width] = [Math.min(from, to), Math.abs(to - from)];
  plot.setSelect({ left, width, top: 0, height: width === 0 ? 0 : plot.over.clientHeight }, false);
}

/** A finger may leave the plot. */
function positionOf(over: HTMLElement, { clientX }: PointerEvent): number {
  const box = over.getBoundingClientRect();
  return Math.min(box.width, Math.max(0, clientX - box.left));
}
