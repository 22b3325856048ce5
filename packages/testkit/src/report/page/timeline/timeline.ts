import type { RequestRecord } from "../../../load/metrics/request-record.js";
import { h } from "../dom.js";
import { isPrinting, onRedraw } from "../theme.js";
import type { TimeRange, ViewState } from "../state.js";
import { AXIS_HEIGHT, drawTimeline, ROW_HEIGHT } from "./draw.js";
import { bindPointer } from "./pointer.js";

const MOST_VISIBLE_ROWS = 30;
const PRINT_WIDTH = 680;

/** What a timeline is made of. */
export interface TimelineOptions {
  readonly state: ViewState;
  readonly durationMs: number;
  readonly onSelect: (record: RequestRecord | undefined) => void;
}

/** A row for each request. Only the rows in view are drawn, so that ten thousand are as quick as ten. */
export class Timeline {
  readonly element: HTMLElement;
  readonly #options: TimelineOptions;
  readonly #canvas = h("canvas", { "aria-hidden": true });
  readonly #space = h("div", { class: "timeline-space" });
  #records: readonly RequestRecord[] = [];
  #selected: RequestRecord | undefined;
  #isDrawing = false;

  constructor(options: TimelineOptions) {
    this.#options = options;
    this.element = h(
      "div",
      {
        class: "timeline",
        tabindex: 0,
        role: "group",
        "aria-roledescription": "timeline",
        "aria-label": "Timeline of the requests. Up and down choose a request, plus and minus zoom, 0 shows all.",
      },
      this.#canvas,
      this.#space,
    );
    this.element.addEventListener("scroll", () => this.#redraw(), { passive: true });
    this.element.addEventListener("keydown", (event) => this.#onKey(event));
    new ResizeObserver(() => this.#redraw()).observe(this.element);
    onRedraw(() => this.#draw());
    bindPointer(this.#canvas, {
      recordAt: (y) => this.#recordAt(y),
      range: () => this.range,
      zoom: (range) => options.state.zoom(range),
      select: (record) => this.#select(record),
    });
  }

  /** What is in view, along the time axis. */
  get range(): TimeRange {
    return this.#options.state.range ?? { fromMs: 0, toMs: this.#options.durationMs };
  }

  setRecords(records: readonly RequestRecord[]): void {
    this.#records = records;
    const rows = Math.min(Math.max(records.length, 3), MOST_VISIBLE_ROWS);
    this.element.style.height = `${AXIS_HEIGHT + rows * ROW_HEIGHT + 2}px`;
    this.#space.style.height = `${records.length * ROW_HEIGHT}px`;
    this.#redraw();
  }

  #recordAt(y: number): RequestRecord | undefined {
    if (y < AXIS_HEIGHT) return undefined;
    return this.#records[Math.floor((y - AXIS_HEIGHT + this.element.scrollTop) / ROW_HEIGHT)];
  }

  #select(record: RequestRecord | undefined): void {
    this.#selected = record;
    this.#options.onSelect(record);
    this.#redraw();
  }

  #onKey(event: KeyboardEvent): void {
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 20, PageUp: -20 };
    const step = steps[event.key];
    if (step !== undefined) this.#move(step);
    else if (event.key === "+" || event.key === "=") this.#zoom(0.6);
    else if (event.key === "-") this.#zoom(1 / 0.6);
    else if (event.key === "0") this.#options.state.zoom(undefined);
    else if (event.key === "Escape") this.#select(undefined);
    else return;
    event.preventDefault();
  }

  #move(step: number): void {
    const current = this.#selected === undefined ? -1 : this.#records.indexOf(this.#selected);
    const position = Math.min(this.#records.length - 1, Math.max(0, current + (current < 0 && step > 0 ? 1 : step)));
    const top = position * ROW_HEIGHT;
    const height = this.element.clientHeight - AXIS_HEIGHT - ROW_HEIGHT;
    if (top < this.element.scrollTop) this.element.scrollTop = top;
    else if (top > this.element.scrollTop + height) this.element.scrollTop = top - height;
    this.#select(this.#records[position]);
  }

  #zoom(factor: number): void {
    const { fromMs, toMs } = this.range;
    const middle = this.#selected === undefined ? (fromMs + toMs) / 2 : this.#selected.sendMs;
    const zoomed = { fromMs: middle - (middle - fromMs) * factor, toMs: middle + (toMs - middle) * factor };
    const { durationMs } = this.#options;
    const range = { fromMs: Math.max(0, zoomed.fromMs), toMs: Math.min(durationMs, zoomed.toMs) };
    this.#options.state.zoom(range.fromMs === 0 && range.toMs === durationMs ? undefined : range);
  }

  #redraw(): void {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    requestAnimationFrame(() => {
      this.#isDrawing = false;
      this.#draw();
    });
  }

  #draw(): void {
    const width = isPrinting() ? PRINT_WIDTH : this.element.clientWidth;
    const height = this.element.clientHeight;
    if (width === 0 || height === 0) return;
    const first = Math.floor(this.element.scrollTop / ROW_HEIGHT);
    const records = this.#records.slice(first, first + Math.ceil(height / ROW_HEIGHT) + 1);
    const offset = this.element.scrollTop - first * ROW_HEIGHT;
    drawTimeline(this.#canvas, { width, height, records, offset, range: this.range, selected: this.#selected });
  }
}
