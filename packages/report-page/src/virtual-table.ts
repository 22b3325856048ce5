import { h } from "./dom.js";
import type { Column } from "./table.js";

const ROW_HEIGHT = 32;
/** Rows beyond the view on each side, so that scrolling shows no gap. */
const SPARE_ROWS = 8;

/** What a table of many rows is made of. */
export interface VirtualTableOptions<Row> {
  readonly caption: string;
  readonly columns: readonly Column[];
  /** One for each column; none may be higher than a line. */
  readonly cells: (row: Row) => readonly (string | Node)[];
  readonly onChoose: (row: Row) => void;
}

/** A table that creates only the rows in view: ten thousand are as quick as ten. */
export class VirtualTable<Row> {
  readonly element: HTMLElement;
  readonly #options: VirtualTableOptions<Row>;
  readonly #table: HTMLTableElement;
  readonly #body = h("tbody");
  readonly #above = spacer();
  readonly #below = spacer();
  #rows: readonly Row[] = [];
  #chosen: Row | undefined;
  #drawn = new Map<Row, HTMLTableRowElement>();

  constructor(options: VirtualTableOptions<Row>) {
    this.#options = options;
    const head = options.columns.map(({ title, isNumber }) => {
      return h("th", { scope: "col", class: isNumber === true ? "number" : undefined }, title);
    });
    this.#table = h(
      "table",
      {},
      h("caption", { class: "hidden" }, options.caption),
      h("thead", {}, h("tr", { "aria-rowindex": 1 }, ...head)),
      this.#body,
    );
    this.#body.append(this.#above, this.#below);
    const label = { tabindex: 0, role: "region", "aria-label": options.caption };
    this.element = h("div", { class: "table-box virtual", ...label }, this.#table);
    this.element.addEventListener("scroll", () => requestAnimationFrame(() => this.#draw()), { passive: true });
    this.#body.addEventListener("click", ({ target }) => this.#onClick(target));
    new ResizeObserver(() => this.#draw()).observe(this.element);
  }

  setRows(rows: readonly Row[]): void {
    this.#rows = rows;
    this.#table.setAttribute("aria-rowcount", String(rows.length + 1));
    this.element.scrollTop = 0;
    this.#draw();
  }

  /** Marks a row and brings it into view. */
  choose(row: Row | undefined): void {
    this.#chosen = row;
    const index = row === undefined ? -1 : this.#rows.indexOf(row);
    const { scrollTop, clientHeight } = this.element;
    const top = index * ROW_HEIGHT;
    if (index >= 0 && (top < scrollTop || top > scrollTop + clientHeight - 2 * ROW_HEIGHT)) {
      this.element.scrollTop = Math.max(0, top - clientHeight / 2);
    }
    this.#draw();
  }

  #onClick(target: EventTarget | null): void {
    const element = target instanceof Element ? target.closest("tr") : null;
    for (const [row, drawn] of this.#drawn) if (drawn === element) this.#options.onChoose(row);
  }

  /** Rows that stay in view stay in the document, because one of them may have the focus. */
  #draw(): void {
    const visible = Math.ceil((this.element.clientHeight || 400) / ROW_HEIGHT);
    const first = Math.max(0, Math.floor(this.element.scrollTop / ROW_HEIGHT) - SPARE_ROWS);
    const last = Math.min(this.#rows.length, first + visible + 2 * SPARE_ROWS);
    const wanted = this.#rows.slice(first, last);
    const kept = new Set(wanted);
    for (const [row, element] of this.#drawn) {
      if (kept.has(row)) continue;
      element.remove();
      this.#drawn.delete(row);
    }
    let next = this.#above.nextElementSibling;
    for (const [position, row] of wanted.entries()) {
      const element = this.#drawn.get(row) ?? this.#create(row);
      element.ariaRowIndex = String(first + position + 2);
      element.classList.toggle("chosen", row === this.#chosen);
      if (element === next) next = element.nextElementSibling;
      else this.#body.insertBefore(element, next);
    }
    this.#above.style.height = `${first * ROW_HEIGHT}px`;
    this.#below.style.height = `${(this.#rows.length - last) * ROW_HEIGHT}px`;
  }

  #create(row: Row): HTMLTableRowElement {
    const cells = this.#options.cells(row).map((cell, index) => {
      return h("td", { class: this.#options.columns[index]?.isNumber === true ? "number" : undefined }, cell);
    });
    const element = h("tr", {}, ...cells);
    this.#drawn.set(row, element);
    return element;
  }
}

function spacer(): HTMLTableRowElement {
  return h("tr", { "aria-hidden": true, class: "spacer" });
}
