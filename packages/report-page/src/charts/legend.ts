import { h } from "../dom.js";

/** A line or area of a chart, and its name. */
export interface LegendEntry {
  readonly color: string;
  readonly label: string;
  readonly isDashed?: boolean;
  /** Points that are crosses. */
  readonly isCross?: boolean;
}

/** Which colour is what. */
export function legend(entries: readonly LegendEntry[]): HTMLElement {
  const items = entries.map(({ color, label, isDashed, isCross }) => {
    const form = isCross === true ? " cross" : isDashed === true ? " dashed" : "";
    return h("li", {}, h("span", { class: `swatch ${color}${form}` }), label);
  });
  return h("ul", { class: "legend" }, ...items);
}
