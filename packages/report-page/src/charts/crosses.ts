import uPlot from "uplot";
import { color } from "../theme.js";

const HALF_SIZE = 3;

/** Draws the points of a series as crosses: red and orange dots look alike to one man of twelve. @param index of the series. */
export function crossesPlugin(index: number, colorName: string): uPlot.Plugin {
  return { hooks: { draw: (plot) => drawCrosses(plot, index, colorName) } };
}

function drawCrosses(plot: uPlot, index: number, colorName: string): void {
  const { left, top, width, height } = plot.bbox;
  const half = HALF_SIZE * uPlot.pxRatio;
  const { ctx: context } = plot;
  context.save();
  context.beginPath();
  context.rect(left - half, top - half, width + 2 * half, height + 2 * half);
  context.clip();
  context.strokeStyle = color(colorName);
  context.lineWidth = 1.5 * uPlot.pxRatio;
  context.beginPath();
  for (const [at, value] of (plot.data[index] ?? []).entries()) {
    if (!value) continue; // nothing happened
    const [x, y] = [plot.valToPos(plot.data[0][at] ?? 0, "x", true), plot.valToPos(value, "y", true)];
    if (x < left - half || x > left + width + half) continue;
    context.moveTo(x - half, y - half);
    context.lineTo(x + half, y + half);
    context.moveTo(x - half, y + half);
    context.lineTo(x + half, y - half);
  }
  context.stroke();
  context.restore();
}
