import { h, note } from "../dom.js";
import { formatCount } from "../testkit.js";
import { isPrinting, onRedraw } from "../theme.js";

/** Rows above and below the visible ones. */
const MARGIN_ROWS = 8;
/** Rows above one that is scrolled to: it is then on the first screen of a page. */
const ROWS_ABOVE = 4;
/** Rows on paper, around the selected one. */
const PRINTED_ROWS = 300;
let listCount = 0;

export interface VirtualListOptions {
  readonly label: string;
  readonly rowHeightPx: number;
  /** The content of a row; it must fit into one line. */
  readonly renderRow: (index: number) => HTMLElement;
  /** The reader has chosen a row. */
  readonly onSelect: (index: number) => void;
}

/** A list of any length of which only the visible rows exist. One stop for the Tab key; arrows, Page, Home and End move the selection. */
export class VirtualList {
  readonly element: HTMLElement;
  readonly #box: HTMLElement;
  readonly #space: HTMLElement;
  readonly #note = note("");
  readonly #options: VirtualListOptions;
  readonly #id = `list-${(listCount += 1)}`;
  #count = 0;
  #selected = -1;

  constructor(options: VirtualListOptions) {
    this.#options = options;
    this.#space = h("div", { class: "list-space", role: "presentation" });
    this.#box = h("div", { class: "list", tabindex: 0, role: "listbox", "aria-label": options.label }, this.#space);
    this.element = h("div", { class: "list-frame" }, this.#box, this.#note);
    this.#note.hidden = true;
    this.#box.addEventListener("scroll", () => requestAnimationFrame(() => this.#draw()), { passive: true });
    this.#box.addEventListener("keydown", (event) => this.#onKey(event));
    this.#box.addEventListener("click", (event) => this.#onClick(event));
    new ResizeObserver(() => this.#draw()).observe(this.#box);
    onRedraw(() => this.#draw());
  }

  /** Replaces the rows. */
  setCount(count: number): void {
    this.#count = count;
    this.#box.style.setProperty("--rows-height", `${count * this.#options.rowHeightPx + 2}px`);
    this.#selected = Math.min(this.#selected, count - 1);
    this.#draw();
  }

  /** Marks a row and scrolls to it. */
  select(index: number): void {
    if (index < -1 || index >= this.#count) return;
    this.#selected = index;
    this.#reveal();
    this.#draw();
  }

  #reveal(): void {
    const { rowHeightPx } = this.#options;
    const { clientHeight, scrollTop } = this.#box;
    if (this.#selected < 0 || clientHeight === 0) return;
    const top = this.#selected * rowHeightPx;
    const isNear = top >= scrollTop && top + rowHeightPx <= scrollTop + clientHeight;
    if (!isNear) this.#box.scrollTop = Math.max(0, top - Math.min(ROWS_ABOVE * rowHeightPx, clientHeight / 2));
  }

  #draw(): void {
    const { rowHeightPx } = this.#options;
    const [from, to] = isPrinting() ? this.#printedRange() : this.#visibleRange();
    const rows: HTMLElement[] = [];
    for (let index = from; index < to; index += 1) rows.push(this.#row(index, isPrinting() ? index - from : index));
    this.#space.style.height = `${(isPrinting() ? to - from : this.#count) * rowHeightPx}px`;
    this.#space.replaceChildren(...rows);
    this.#note.hidden = !isPrinting() || to - from === this.#count;
    this.#note.textContent = `Rows ${formatCount(from + 1)} to ${formatCount(to)} of ${formatCount(this.#count)}.`;
    const isDrawn = this.#selected >= from && this.#selected < to;
    if (isDrawn) this.#box.setAttribute("aria-activedescendant", `${this.#id}-${this.#selected}`);
    else this.#box.removeAttribute("aria-activedescendant");
  }

  #visibleRange(): readonly [from: number, to: number] {
    const { rowHeightPx } = this.#options;
    const { scrollTop, clientHeight } = this.#box;
    const first = Math.floor(scrollTop / rowHeightPx);
    const last = Math.ceil((scrollTop + clientHeight) / rowHeightPx);
    return [Math.max(0, first - MARGIN_ROWS), Math.min(this.#count, last + MARGIN_ROWS)];
  }

  #printedRange(): readonly [from: number, to: number] {
    const from = Math.max(0, Math.min(this.#selected - PRINTED_ROWS / 2, this.#count - PRINTED_ROWS));
    return [from, Math.min(this.#count, from + PRINTED_ROWS)];
  }

  #row(index: number, place: number): HTMLElement {
    const row = this.#options.renderRow(index);
    row.classList.add("list-row");
    row.style.top = `${place * this.#options.rowHeightPx}px`;
    row.style.height = `${this.#options.rowHeightPx}px`;
    row.id = `${this.#id}-${index}`;
    row.dataset["index"] = String(index);
    for (const [name, value] of Object.entries({
      role: "option",
      "aria-selected": String(index === this.#selected),
      "aria-setsize": String(this.#count),
      "aria-posinset": String(index + 1),
    })) {
      row.setAttribute(name, value);
    }
    return row;
  }

  #onClick({ target }: MouseEvent): void {
    const row = target instanceof Element ? target.closest<HTMLElement>("[data-index]") : null;
    if (row !== null) this.#choose(Number(row.dataset["index"]));
  }

  #onKey(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor(this.#box.clientHeight / this.#options.rowHeightPx) - 1);
    const targets: Readonly<Record<string, number>> = {
      ArrowDown: this.#selected + 1,
      ArrowUp: this.#selected - 1,
      PageDown: this.#selected + page,
      PageUp: this.#selected - page,
      Home: 0,
      End: this.#count - 1,
    };
    const target = targets[event.key];
    if (target === undefined || this.#count === 0) return;
    event.preventDefault();
    this.#choose(Math.max(0, Math.min(this.#count - 1, target)));
  }

  #choose(index: number): void {
    this.select(index);
    this.#options.onSelect(index);
  }
}
