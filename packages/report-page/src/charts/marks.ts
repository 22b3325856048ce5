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

/** Shades every second span and writes its name at the top. */
export function bandsPlugin(bands: readonly Band[]): uPlot.Plugin {
  return {
    hooks: {
      drawClear: (plot) => {
        inPlot(plot, (context, ratio) => {
          for (const [index, band] of bands.entries())
            drawBand({ plot, context, ratio, band, isShaded: index % 2 === 1 });
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
  context.font = FONT.replace("11px", `${11 * ratio}px`);
  draw(context, ratio);
  context.restore();
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
  context.font = FONT.replace("11px", `${11 * ratio}px`);
  const inView = marks.flatMap(({ at, label, color: name }) => {
    const x = plot.valToPos(at, "x", true);
    return x < left || x > left + width ? [] : [{ x, text: label, color: name }];
  });
  const room = { left, right: left + width, gap: 8 * ratio, measure: (text: string) => context.measureText(text).width };
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
  readonly isShaded: boolean;
}

function drawBand({ plot, context, ratio, band, isShaded }: BandDrawing): void {
  const { top, height } = plot.bbox;
  const from = plot.valToPos(band.from, "x", true);
  const width = plot.valToPos(band.to, "x", true) - from;
  if (isShaded) {
    context.fillStyle = color("band");
    context.fillRect(from, top, width, height);
  }
  const size = context.measureText(band.label).width;
  if (size + 8 * ratio > width) return;
  context.fillStyle = color("muted");
  context.fillText(band.label, from + 5 * ratio, top + 13 * ratio);
}
