import { h } from "../../dom.js";
import { formatMs, plural } from "../../testkit.js";
import { onRedraw } from "../../theme.js";
import type { ExchangeModel } from "../model/exchange-model.js";
import { PHASE_NAMES, STALL_FACTOR, STALL_MS, type Phase } from "../model/phases.js";
import { drawTimeLine, HEIGHT_PX, spanOf, timeAt } from "./draw-time-line.js";
import { player } from "./player.js";
import { Zoom } from "./zoom.js";
import type { ViewerState } from "./viewer-state.js";

/** The life of a request on a time line, and the stream as it came. */
export function timeLine(state: ViewerState): HTMLElement {
  const canvas = h("canvas", { role: "img" });
  const box = h("div", { class: "time-line" }, canvas);
  const zoom = new Zoom();
  const draw = (): void => {
    const { model } = state;
    const { clientWidth } = box;
    if (model === undefined || clientWidth === 0) return;
    drawTimeLine(canvas, model, { widthPx: clientWidth, atMs: state.atMs, span: zoom.follow(model, state.atMs) });
    canvas.setAttribute("aria-label", describe(model));
  };
  const seek = ({ clientX }: PointerEvent): void => {
    const { model } = state;
    if (model !== undefined)
      state.moveTo(
        timeAt(zoom.follow(model, state.atMs), clientX - canvas.getBoundingClientRect().left, box.clientWidth),
      );
  };
  canvas.style.height = `${HEIGHT_PX}px`;
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    seek(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (canvas.hasPointerCapture(event.pointerId)) seek(event);
  });
  new ResizeObserver(draw).observe(box);
  onRedraw(draw);
  state.onChange(draw);
  return h(
    "figure",
    { class: "chart" },
    h(
      "figcaption",
      {},
      h("h3", {}, "Time line"),
      zoom.buttons(draw, () => state.atMs),
      legend(),
    ),
    box,
    player(state),
  );
}

function legend(): HTMLElement {
  const parts = (Object.entries(PHASE_NAMES) as [Phase["kind"], string][]).map(([kind, name]) => {
    return h("li", {}, h("span", { class: `swatch ${kind}` }), name);
  });
  const stall = h(
    "li",
    {},
    h("span", { class: "swatch stall" }),
    `stall: ${STALL_FACTOR} × the median wait, at least ${STALL_MS} ms`,
  );
  return h("ul", { class: "legend" }, ...parts, stall);
}

function describe(model: ExchangeModel): string {
  const { exchange, phases, events, stalls, moments, endMs } = model;
  const parts = phases.map(({ kind, fromMs, toMs }) => `${PHASE_NAMES[kind]}: ${formatMs(toMs - fromMs)}`);
  const stalled = stalls.length === 0 ? [] : [plural(stalls.length, "stall")];
  const facts = [
    ...parts,
    ...stalled,
    ...moments.map(({ label, atMs }) => `${label} after ${formatMs(atMs - exchange.sentAtMs)}`),
  ];
  const { fromMs } = spanOf(model);
  return `Time line of ${plural(events.length, "event")} in ${formatMs(endMs - fromMs)}. ${facts.join("; ")}.`;
}
