import { h } from "../dom.js";

/** A line or area of a chart, and its name. */
export interface LegendEntry {
  readonly color: string;
  readonly label: string;
  readonly isDashed?: boolean;
}

/** Which colour is what. */
export function legend(entries: readonly LegendEntry[]): HTMLElement {
  const items = entries.map(({ color, label, isDashed }) => {
    return h("li", {}, h("span", { class: `swatch ${color}${isDashed === true ? " dashed" : ""}` }), label);
  });
  return h("ul", { class: "legend" }, ...items);
}
