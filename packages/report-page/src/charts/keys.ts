import type uPlot from "uplot";

/** A chart that is used with keys. */
export interface KeyedChart {
  readonly host: HTMLElement;
  readonly plot: uPlot;
  readonly reset: () => void;
  readonly pick?: (index: number | undefined, at: undefined) => void;
}

const ZOOM_STEP = 0.6;

/** Arrow keys move the cursor from value to value, plus and minus zoom around it, 0 shows all. */
export function bindKeys(chart: KeyedChart): void {
  const { host, plot, reset, pick } = chart;
  const actions: Readonly<Record<string, () => void>> = {
    ArrowRight: () => moveCursor(plot, 1),
    ArrowLeft: () => moveCursor(plot, -1),
    "+": () => zoom(plot, ZOOM_STEP),
    "=": () => zoom(plot, ZOOM_STEP),
    "-": () => zoom(plot, 1 / ZOOM_STEP),
    "0": reset,
    Enter: () => pick?.(plot.cursor.idx ?? undefined, undefined),
    Escape: () => plot.setCursor({ left: -10, top: -10 }),
  };
  host.addEventListener("keydown", (event) => {
    const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
}

function moveCursor(plot: uPlot, step: number): void {
  const xs = plot.data[0];
  const [first, last] = plot.series[0]?.idxs ?? [0, xs.length - 1];
  const current = plot.cursor.idx;
  const wanted = current === null || current === undefined ? (step > 0 ? first : last) : current + step;
  const index = Math.min(last, Math.max(first, wanted));
  const top = (plot.over.clientHeight || plot.height) / 2;
  plot.setCursor({ left: plot.valToPos(xs[index] ?? 0, "x"), top });
}

function zoom(plot: uPlot, factor: number): void {
  const { min, max } = plot.scales["x"] ?? {};
  const xs = plot.data[0];
  if (min === undefined || max === undefined) return;
  const at = plot.cursor.idx === null || plot.cursor.idx === undefined ? undefined : xs[plot.cursor.idx];
  const middle = at === undefined || at < min || at > max ? (min + max) / 2 : at;
  zoomTo(plot, { min: middle - (middle - min) * factor, max: middle + (max - middle) * factor });
}

/** Sets the range of the x axis, as a drag with the mouse does. */
export function zoomTo(plot: uPlot, { min, max }: { min: number; max: number }): void {
  const left = plot.valToPos(min, "x");
  const width = plot.valToPos(max, "x") - left;
  plot.setSelect({ left, top: 0, width, height: plot.over.clientHeight }, true);
  if (plot.cursor.drag?.setScale !== false) {
    plot.setScale("x", { min, max });
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  }
}
