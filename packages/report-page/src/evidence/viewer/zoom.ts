import { button, h } from "../../dom.js";
import type { ExchangeModel } from "../model/exchange-model.js";
import { spanOf, zoomInto, type Span } from "./draw-time-line.js";

/** A thousandth of the time line shows single tokens of the longest stream. */
const MOST_STEPS = 10;

/** Which part of the time line is shown: all of it, or a part around the moment that is looked at. */
export class Zoom {
  #steps = 0;
  #model: ExchangeModel | undefined;
  #span: Span = { fromMs: 0, toMs: 1 };

  /** The part to show. It moves only if the moment leaves it. */
  follow(model: ExchangeModel, atMs: number): Span {
    const { fromMs, toMs } = this.#span;
    if (model !== this.#model) this.#steps = 0;
    if (model !== this.#model || atMs < fromMs || atMs > toMs) this.#span = zoomInto(spanOf(model), this.#steps, atMs);
    this.#model = model;
    return this.#span;
  }

  /** Buttons that change it. */
  buttons(redraw: () => void, now: () => number): HTMLElement {
    const step = (by: number): void => {
      if (this.#model === undefined) return;
      this.#steps = Math.min(MOST_STEPS, Math.max(0, this.#steps + by));
      this.#span = zoomInto(spanOf(this.#model), this.#steps, now());
      redraw();
    };
    const zoomIn = button("+", () => step(1), { "aria-label": "Zoom in" });
    const zoomOut = button("−", () => step(-1), { "aria-label": "Zoom out" });
    return h("span", { class: "zoom switch" }, zoomOut, zoomIn);
  }
}
