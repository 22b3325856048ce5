import uPlot from "uplot";
import { color } from "../theme.js";

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

/** Draws upright lines with names that do not cover each other. */
export function marksPlugin(marks: () => readonly Mark[]): uPlot.Plugin {
  return {
    hooks: {
      draw: (plot) => {
        inPlot(plot, (context, ratio) => {
          const rowEnds: number[] = [];
          const drawings = marks().map((mark) => ({ plot, context, ratio, mark, rowEnds }));
          for (const drawing of drawings) drawLine(drawing);
          for (const drawing of drawings) drawName(drawing);
        });
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
  /** Where the names of each row end. */
  readonly rowEnds: number[];
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

function drawName({ plot, context, ratio, mark, rowEnds }: MarkDrawing): void {
  const { left, top, width } = plot.bbox;
  const x = xOf(plot, mark);
  if (x < left || x > left + width) return;
  const size = context.measureText(mark.label).width;
  const pad = 4 * ratio;
  const start = x + pad + size > left + width ? x - pad - size : x + pad;
  let row = 0;
  while ((rowEnds[row] ?? -Infinity) > start) row += 1;
  rowEnds[row] = start + size + pad;
  const y = top + (row + 1) * 14 * ratio;
  context.fillStyle = color("card");
  context.globalAlpha = 0.8;
  context.fillRect(start - pad / 2, y - 11 * ratio, size + pad, 14 * ratio);
  context.globalAlpha = 1;
  context.fillStyle = color(mark.color);
  context.fillText(mark.label, start, y);
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
