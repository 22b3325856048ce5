import { h } from "../../dom.js";
import type { PageStop } from "../../testkit.js";

type Fact = readonly [name: string, value: string | number | null | undefined];

/** A card with names and values; those without a value are left out. */
export function factCard(title: string, facts: readonly Fact[]): HTMLElement {
  const known = facts.filter(([, value]) => value !== undefined && value !== null && value !== "");
  const items = known.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, String(value))]);
  return h("div", { class: "facts" }, h("h3", {}, title), h("dl", {}, ...items));
}

/** How a process ended. */
export function describeExit(exit: PageStop["exit"]): string {
  return exit.kind === "exited" ? `code ${exit.code}` : exit.signal;
}

/** A table, or a sentence if it has no rows. */
export function factTable(
  head: readonly string[],
  rows: readonly (readonly (string | Node)[])[],
  label: string,
): HTMLElement {
  const body = rows.map((cells) =>
    h("tr", {}, ...cells.map((cell, index) => h("td", { "data-label": head[index] }, cell))),
  );
  return h(
    "div",
    { class: "table-box", tabindex: 0, role: "region", "aria-label": label },
    h(
      "table",
      { class: "stacked", "aria-label": label },
      h("thead", {}, h("tr", {}, ...head.map((title) => h("th", { scope: "col" }, title)))),
      h("tbody", {}, ...body),
    ),
  );
}
