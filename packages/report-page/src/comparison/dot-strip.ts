import { h } from "../dom.js";
import { formatValue, type RunDots } from "../testkit.js";

/** The runs of both sides on one scale: the baseline above, the current side below. */
export function dotStrip({ baseline, current }: RunDots, unit: string): HTMLElement {
  const all = [...baseline, ...current];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const place = (value: number) => (high > low ? ((value - low) / (high - low)) * 100 : 50);
  const row = (side: string, values: readonly number[]) => {
    const dots = values.map((value) => {
      const dot = h("span", { class: "dot" });
      dot.style.left = `${place(value)}%`;
      return dot;
    });
    return h("div", { class: `dot-row ${side}` }, ...dots);
  };
  const words = [describe("baseline", baseline, unit), describe("current", current, unit)].join("; ");
  const label = { class: "dot-strip", role: "img", title: words, "aria-label": words };
  return h("div", label, row("baseline", baseline), row("current", current));
}

function describe(side: string, values: readonly number[], unit: string): string {
  return `${side}: ${values.length === 0 ? "none" : values.map((value) => formatValue(value, unit)).join(", ")}`;
}
