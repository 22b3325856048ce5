import { h } from "../dom.js";
import { isPrinting, onRedraw } from "../theme.js";
import type { TimeRange, ViewState } from "../state.js";
import { AXIS_HEIGHT, drawTimeline, ROW_HEIGHT } from "./draw.js";
import { bindPointer } from "./pointer.js";
import type { RequestRecord } from "../testkit.js";

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
  #isAligned = false;
  /** What is in view while the rows are aligned. */
  #alignedRange: TimeRange | undefined;

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
      h("div", { class: "timeline-view" }, this.#canvas),
      this.#space,
    );
    this.element.addEventListener("scroll", () => this.#redraw(), { passive: true });
    this.element.addEventListener("keydown", (event) => this.#onKey(event));
    new ResizeObserver(() => this.#redraw()).observe(this.element);
    onRedraw(() => this.#draw());
    bindPointer(this.#canvas, {
      recordAt: (y) => this.#recordAt(y),
      range: () => this.range,
      zoom: (range) => this.#setRange(range),
      select: (record) => this.#select(record),
    });
  }

  /** What is in view, along the time axis: what was zoomed to, else as much as the rows in view need. */
  get range(): TimeRange {
    const chosen = this.#isAligned ? this.#alignedRange : this.#options.state.range;
    return chosen ?? spanOf(this.#isAligned ? this.#records : this.#visible(), this.#isAligned);
  }

  /** @param isAligned each row is drawn from its own schedule on, else by the clock of the run. */
  setRecords(records: readonly RequestRecord[], isAligned: boolean): void {
    this.#records = records;
    this.#isAligned = isAligned;
    const rows = Math.min(Math.max(records.length, 3), MOST_VISIBLE_ROWS);
    this.element.style.height = `${AXIS_HEIGHT + rows * ROW_HEIGHT + 2}px`;
    this.#space.style.height = `${records.length * ROW_HEIGHT}px`;
    this.#redraw();
  }

  /** Marks a request and brings it into view, if it is shown. */
  choose(record: RequestRecord | undefined): void {
    if (record === this.#selected) return;
    this.#selected = record;
    const position = record === undefined ? -1 : this.#records.indexOf(record);
    if (position >= 0) this.#scrollTo(position);
    this.#redraw();
  }

  #scrollTo(position: number): void {
    const top = position * ROW_HEIGHT;
    const height = this.element.clientHeight - AXIS_HEIGHT - ROW_HEIGHT;
    if (top < this.element.scrollTop) this.element.scrollTop = top;
    else if (top > this.element.scrollTop + height) this.element.scrollTop = top - height;
  }

  #setRange(range: TimeRange | undefined): void {
    if (!this.#isAligned) {
      this.#options.state.zoom(range);
      return;
    }
    this.#alignedRange = range;
    this.#redraw();
  }

  #visible(): readonly RequestRecord[] {
    const first = Math.floor(this.element.scrollTop / ROW_HEIGHT);
    return this.#records.slice(first, first + Math.ceil(this.element.clientHeight / ROW_HEIGHT) + 1);
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
    else if (event.key === "0") this.#setRange(undefined);
    else if (event.key === "Escape") this.#select(undefined);
    else return;
    event.preventDefault();
  }

  #move(step: number): void {
    const current = this.#selected === undefined ? -1 : this.#records.indexOf(this.#selected);
    const position = Math.min(this.#records.length - 1, Math.max(0, current + (current < 0 && step > 0 ? 1 : step)));
    this.#scrollTo(position);
    this.#select(this.#records[position]);
  }

  #zoom(factor: number): void {
    const { fromMs, toMs } = this.range;
    const middle = this.#selected === undefined || this.#isAligned ? (fromMs + toMs) / 2 : this.#selected.sendMs;
    const [from, to] = [middle - (middle - fromMs) * factor, middle + (toMs - middle) * factor];
    this.#setRange({ fromMs: Math.max(0, from), toMs: Math.min(this.#options.durationMs, to) });
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
    const offset = this.element.scrollTop % ROW_HEIGHT;
    const view = { records: this.#visible(), range: this.range, isAligned: this.#isAligned, selected: this.#selected };
    drawTimeline(this.#canvas, { width, height, offset, ...view });
  }
}

function spanOf(records: readonly RequestRecord[], isAligned: boolean): TimeRange {
  let [fromMs, toMs] = [Infinity, 0];
  for (const { schedMs, closeMs } of records) {
    const origin = isAligned ? schedMs : 0;
    fromMs = Math.min(fromMs, schedMs - origin);
    toMs = Math.max(toMs, closeMs - origin);
  }
  return { fromMs: Math.min(fromMs, toMs), toMs };
}
