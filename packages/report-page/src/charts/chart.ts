import uPlot from "uplot";
import { h } from "../dom.js";
import { color, forgetRedraws, isPrinting, onRedraw } from "../theme.js";
import { bindKeys } from "./keys.js";
import { bindTouch } from "./touch.js";

/** Width of a page of paper less its margins, in CSS pixels. */
const PRINT_WIDTH = 660;
const PRINT_HALF_WIDTH = 310;

/** A chart and what is said about it. */
export interface ChartOptions {
  readonly title: string | Node;
  /** What it shows, for those who cannot see it. */
  readonly label: string;
  readonly height: number;
  readonly plot: Omit<uPlot.Options, "width" | "height">;
  readonly data: uPlot.AlignedData;
  /** The text of the readout at a point; without one, how to use the chart. */
  readonly read: (index: number) => string;
  /** Two fit side by side. */
  readonly isHalf?: boolean;
  /** Beside the title. */
  readonly controls?: readonly Node[];
  readonly footer?: readonly Node[];
  /** Goes back to all of it. @default the chart's own scales */
  readonly reset?: () => void;
  /** Opens what is at a point. @param at where it was clicked, in px from the corner of the plot; undefined for the Enter key. */
  readonly pick?: (index: number | undefined, at: { readonly x: number; readonly y: number } | undefined) => void;
}

/** A chart in its figure. */
export interface Chart {
  readonly figure: HTMLElement;
  readonly plot: uPlot;
}

const plots: uPlot[] = [];

/** Before a page is drawn again: what remains of its charts would be drawn again with them. */
export function forgetCharts(): void {
  for (const plot of plots.splice(0)) plot.destroy();
  forgetRedraws();
}

/** Draws a chart that follows its box, the theme and print, and can be used with keys. */
export function createChart(options: ChartOptions): Chart {
  const host = h("div", {
    class: "plot",
    tabindex: 0,
    role: "group",
    "aria-roledescription": "chart",
    "aria-label": `${options.label} Arrow keys read values, plus and minus zoom, 0 shows all${options.pick === undefined ? "" : ", Enter opens"}.`,
  });
  const readout = h("div", { class: "readout", "aria-live": "polite" }, "\u00a0".trim());
  const caption = h("figcaption", {}, h("h3", {}, options.title), ...(options.controls ?? []));
  const figure = h("figure", { class: options.isHalf === true ? "chart half" : "chart" }, caption, host, readout);
  figure.append(...(options.footer ?? []));
  const plot = new uPlot({ ...withReadout(options, readout), width: 600, height: options.height }, options.data, host);
  plots.push(plot);
  const reset = options.reset ?? (() => plot.setData(plot.data, true));
  bindKeys({ host, plot, reset, ...(options.pick !== undefined && { pick: options.pick }) });
  bindTouch(plot, reset);
  bindPick(plot, options);
  follow({ host, plot, options });
  return { figure, plot };
}

/** An axis in the colours of the page. */
export function axis(values: (marks: number[]) => string[], extra: Partial<uPlot.Axis> = {}): uPlot.Axis {
  return {
    stroke: () => color("muted"),
    grid: { stroke: () => color("grid"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
    gap: 6,
    values: (_plot, marks) => values(marks),
    ...extra,
  };
}

/** A drag is not a click: the chart itself stops the event that follows one. */
function bindPick({ over, cursor }: uPlot, { pick }: ChartOptions): void {
  if (pick === undefined) return;
  over.classList.add("pickable");
  over.addEventListener("click", ({ offsetX: x, offsetY: y }) => pick(cursor.idx ?? undefined, { x, y }));
}

function withReadout({ plot, read }: ChartOptions, readout: HTMLElement): ChartOptions["plot"] {
  const show = (chart: uPlot): void => {
    const index = chart.cursor.idx;
    readout.textContent = index === null || index === undefined ? "" : read(index);
  };
  const hooks = { ...plot.hooks, setCursor: [...(plot.hooks?.setCursor ?? []), show] };
  return { legend: { show: false }, ...plot, hooks };
}

function follow({ host, plot, options }: { host: HTMLElement; plot: uPlot; options: ChartOptions }): void {
  const fit = (): void => {
    const printed = options.isHalf === true ? PRINT_HALF_WIDTH : PRINT_WIDTH;
    const width = isPrinting() ? printed : host.clientWidth;
    if (width > 0 && width !== plot.width) plot.setSize({ width, height: options.height });
  };
  new ResizeObserver(fit).observe(host);
  onRedraw(() => {
    fit();
    plot.redraw(false, true);
  });
}
