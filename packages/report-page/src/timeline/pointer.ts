import { h } from "../dom.js";
import type { TimeRange } from "../state.js";
import { formatMs, measureRequest, type RequestRecord } from "../testkit.js";

/** What the pointer can do with a timeline. */
export interface PointerActions {
  readonly recordAt: (y: number) => RequestRecord | undefined;
  readonly range: () => TimeRange;
  readonly zoom: (range: TimeRange | undefined) => void;
  readonly select: (record: RequestRecord | undefined) => void;
}

const LEAST_DRAG = 6;

/** Hover shows the values, a click all of them, a drag zooms, a double click shows all of the run. */
export function bindPointer(canvas: HTMLCanvasElement, actions: PointerActions): void {
  const hint = h("div", { class: "hint", "aria-hidden": true });
  const selection = h("div", { class: "selection" });
  canvas.after(hint, selection); // they go with the timeline
  const hide = () => (hint.hidden = true);
  let start: { x: number; clientX: number } | undefined;
  hide();
  selection.hidden = true;
  canvas.addEventListener("pointermove", (event) => {
    const record = actions.recordAt(event.offsetY);
    hint.hidden = record === undefined;
    if (record !== undefined) showHint(hint, record, event);
    if (start !== undefined && event.buttons === 1)
      showSelection({ selection, canvas, fromX: start.clientX, toX: event.clientX });
  });
  canvas.addEventListener("pointerleave", hide);
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    start = { x: event.offsetX, clientX: event.clientX };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointercancel", () => {
    start = undefined; // the finger scrolls
    selection.hidden = true;
    hide();
  });
  canvas.addEventListener("pointerup", (event) => {
    selection.hidden = true;
    const begun = start?.x;
    start = undefined;
    if (begun !== undefined && Math.abs(event.offsetX - begun) >= LEAST_DRAG)
      zoomTo(canvas, actions, [begun, event.offsetX]);
    else actions.select(actions.recordAt(event.offsetY));
  });
  canvas.addEventListener("dblclick", () => actions.zoom(undefined));
}

function zoomTo(canvas: HTMLCanvasElement, actions: PointerActions, [a, b]: readonly [number, number]): void {
  const { fromMs, toMs } = actions.range();
  const width = Math.max(1, canvas.clientWidth);
  const toTime = (x: number) => fromMs + (Math.min(width, Math.max(0, x)) / width) * (toMs - fromMs);
  actions.zoom({ fromMs: toTime(Math.min(a, b)), toMs: toTime(Math.max(a, b)) });
}

function showSelection({
  selection,
  canvas,
  fromX,
  toX,
}: {
  selection: HTMLElement;
  canvas: HTMLElement;
  fromX: number;
  toX: number;
}): void {
  const box = canvas.getBoundingClientRect();
  selection.hidden = false;
  selection.style.left = `${Math.min(fromX, toX)}px`;
  selection.style.width = `${Math.abs(toX - fromX)}px`;
  selection.style.top = `${box.top}px`;
  selection.style.height = `${box.height}px`;
}

function showHint(hint: HTMLElement, record: RequestRecord, { clientX, clientY }: PointerEvent): void {
  hint.replaceChildren(
    h("strong", {}, record.jobId ?? `request ${record.index}`),
    h("div", {}, record.status),
    h("div", {}, `TTFT ${formatMs(measureRequest(record, "ttft"))} · E2E ${formatMs(measureRequest(record, "e2e"))}`),
    h(
      "div",
      {},
      `${record.tokensOut ?? record.contentEventCount} tokens · late ${formatMs(measureRequest(record, "clientDelay"))}`,
    ),
  );
  const isRight = clientX > innerWidth / 2;
  hint.style.left = isRight ? "auto" : `${clientX + 14}px`;
  hint.style.right = isRight ? `${innerWidth - clientX + 14}px` : "auto";
  hint.style.top = `${Math.min(clientY + 12, innerHeight - 90)}px`;
}
