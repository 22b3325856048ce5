import { button, h } from "../dom.js";

type Mode = "histogram" | "cumulative";

/** The two charts of one distribution. */
type ChartPair = Readonly<Record<Mode, HTMLElement>>;

/** A switch, and the charts of the kind that it says. */
export function chartModes(charts: readonly ChartPair[], first: Mode): HTMLElement[] {
  const show = (mode: Mode) => {
    for (const chart of charts) {
      chart.histogram.hidden = mode !== "histogram";
      chart.cumulative.hidden = mode !== "cumulative";
    }
  };
  const grid = h("div", { class: "grid" }, ...charts.flatMap(({ histogram, cumulative }) => [histogram, cumulative]));
  return [h("div", { class: "toolbar" }, modeSwitch(show, first)), grid];
}

function modeSwitch(show: (mode: Mode) => void, first: Mode): HTMLElement {
  const group = h("div", { class: "switch", role: "group", "aria-label": "Kind of chart" });
  const labels = { histogram: "Histogram", cumulative: "Cumulative" } as const;
  const buttons = (Object.keys(labels) as Mode[]).map((mode) => {
    const made = button(labels[mode], () => choose(mode), { "data-mode": mode });
    group.append(made);
    return made;
  });
  const choose = (mode: Mode) => {
    for (const one of buttons) one.setAttribute("aria-pressed", String(one.dataset["mode"] === mode));
    show(mode);
  };
  choose(first);
  return group;
}
