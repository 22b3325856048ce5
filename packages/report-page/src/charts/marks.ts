import uPlot from "uplot";
import { color } from "../theme.js";
import { placeLabels } from "./place-labels.js";

/** A line across a chart, with a name. */
export interface Mark {
  readonly at: number;
  readonly label: string;
  readonly color: string;
  readonly isDashed?: boolean;
}

/** A span of the x axis, with a name. */
export interface Band {
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

const FONT = "11px system-ui, sans-serif";

/** What a chart with marks needs above its plot, in CSS pixels: names inside it would cover what it shows. */
export const LABEL_ROOM = 20;

/** Draws upright lines, and their names above the plot; names without room of their own are joined. */
export function marksPlugin(marks: () => readonly Mark[]): uPlot.Plugin {
  return {
    hooks: {
      draw: (plot) => {
        const shown = marks();
        inPlot(plot, (context, ratio) => {
          for (const mark of shown) drawLine({ plot, context, ratio, mark });
        });
        drawNames(plot, shown);
      },
    },
  };
}

/** Shades every second span, and writes the name of each. */
export function bandsPlugin(bands: readonly Band[]): uPlot.Plugin {
  return {
    hooks: {
      drawClear: (plot) => {
        inPlot(plot, (context, ratio) => {
          for (const [index, band] of bands.entries()) if (index % 2 === 1) drawBand({ plot, context, ratio, band });
        });
      },
      draw: (plot) => {
        inPlot(plot, (context, ratio) => {
          for (const band of bands) drawBandName({ plot, context, ratio, band });
        });
      },
    },
  };
}

function inPlot(plot: uPlot, draw: (context: CanvasRenderingContext2D, ratio: number) => void): void {
  const { left, top, width, height } = plot.bbox;
  const context = plot.ctx;
  const ratio = uPlot.pxRatio;
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  setFont(context, ratio);
  draw(context, ratio);
  context.restore();
}

/** Alignment too: the axes leave theirs behind. */
function setFont(context: CanvasRenderingContext2D, ratio: number): void {
  context.font = FONT.replace("11px", `${11 * ratio}px`);
  context.textAlign = "left";
  context.textBaseline = "alphabetic";
}

interface MarkDrawing {
  readonly plot: uPlot;
  readonly context: CanvasRenderingContext2D;
  readonly ratio: number;
  readonly mark: Mark;
}

function drawLine({ plot, context, ratio, mark }: MarkDrawing): void {
  const { top, height } = plot.bbox;
  const x = xOf(plot, mark);
  context.strokeStyle = color(mark.color);
  context.lineWidth = ratio;
  context.setLineDash(mark.isDashed === true ? [4 * ratio, 3 * ratio] : []);
  context.beginPath();
  context.moveTo(x, top);
  context.lineTo(x, top + height);
  context.stroke();
}

function drawNames(plot: uPlot, marks: readonly Mark[]): void {
  const { left, top, width } = plot.bbox;
  const { ctx: context } = plot;
  const ratio = uPlot.pxRatio;
  context.save();
  setFont(context, ratio);
  const inView = marks.flatMap(({ at, label, color: name }) => {
    const x = plot.valToPos(at, "x", true);
    return x < left || x > left + width ? [] : [{ x, text: label, color: name }];
  });
  const room = {
    left,
    right: left + width,
    gap: 8 * ratio,
    measure: (text: string) => context.measureText(text).width,
  };
  for (const { start, text, color: name } of placeLabels(inView, room)) {
    context.fillStyle = color(name);
    context.fillText(text, start, top - 5 * ratio);
  }
  context.restore();
}

function xOf(plot: uPlot, { at }: Mark): number {
  return Math.round(plot.valToPos(at, "x", true)) + 0.5;
}

interface BandDrawing {
  readonly plot: uPlot;
  readonly context: CanvasRenderingContext2D;
  readonly ratio: number;
  readonly band: Band;
}

function drawBand({ plot, context, band }: BandDrawing): void {
  const { top, height } = plot.bbox;
  const { from, width } = spanOf(plot, band);
  context.fillStyle = color("band");
  context.fillRect(from, top, width, height);
}

/** At the bottom, where the lines are not; on a ground of its own, because the grid would strike it through. */
function drawBandName({ plot, context, ratio, band }: BandDrawing): void {
  const { top, height } = plot.bbox;
  const { from, width } = spanOf(plot, band);
  const size = context.measureText(band.label).width;
  if (size + 8 * ratio > width) return;
  const y = top + height - 6 * ratio;
  context.fillStyle = color("card");
  context.fillRect(from + 3 * ratio, y - 10 * ratio, size + 4 * ratio, 13 * ratio);
  context.fillStyle = color("muted");
  context.fillText(band.label, from + 5 * ratio, y);
}

function spanOf(plot: uPlot, { from: low, to: high }: Band): { from: number; width: number } {
  const from = plot.valToPos(low, "x", true);
  return { from, width: plot.valToPos(high, "x", true) - from };
}
