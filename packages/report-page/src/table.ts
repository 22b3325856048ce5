import { h } from "./dom.js";

/** A column: numbers are set to the right. */
export interface Column {
  readonly title: string | Node;
  readonly isNumber?: boolean;
  /** A few words that should not wrap. */
  readonly isPhrase?: boolean;
}

type Cell = string | Node;

/** A table in its own box, which scrolls sideways if it is too wide; on a phone, each row of a stacked table is a card. */
export function table(
  caption: string,
  columns: readonly Column[],
  { rows, isStacked = false }: { rows: readonly (readonly Cell[])[]; isStacked?: boolean },
): HTMLElement {
  const classOf = (index: number) => {
    const { isNumber, isPhrase } = columns[index] ?? {};
    return isNumber === true ? "number" : isPhrase === true ? "phrase" : undefined;
  };
  const labelOf = (index: number) => {
    const title = columns[index]?.title;
    return isStacked && typeof title === "string" ? title : undefined;
  };
  const head = columns.map(({ title }, index) => h("th", { scope: "col", class: classOf(index) }, title));
  const body = rows.map((cells) => {
    return h(
      "tr",
      {},
      ...cells.map((cell, index) => h("td", { class: classOf(index), "data-label": labelOf(index) }, cell)),
    );
  });
  const box = h("div", { class: "table-box", tabindex: 0, role: "region", "aria-label": caption });
  box.append(
    h(
      "table",
      { class: isStacked ? "stacked" : undefined },
      h("caption", { class: "hidden" }, caption),
      h("thead", {}, h("tr", {}, ...head)),
      h("tbody", {}, ...body),
    ),
  );
  return box;
}

/** The figures behind a chart, made when they are first asked for. */
export function tableBehind(caption: string, make: () => HTMLElement): HTMLElement {
  const details = h("details", { class: "behind" }, h("summary", {}, `Table: ${caption}`));
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(make());
  });
  return details;
}
