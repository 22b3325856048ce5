import { formatBytes, formatMs } from "../../numbers/index.js";
import { ProgressDisplay, type Output } from "../../terminal/index.js";
import type { DownloadFigures } from "./download-file.js";

const BAR_WIDTH = 24;

/** Shows the progress of a download: a redrawn bar on a terminal, otherwise a line every 10 %. */
export class ProgressPrinter {
  readonly #output: Output;
  readonly #display: ProgressDisplay;
  #startedAtMs = performance.now();
  #startBytes = 0;

  constructor(output: Output) {
    this.#output = output;
    this.#display = new ProgressDisplay(output);
  }

  start({ totalBytes, receivedBytes }: DownloadFigures): void {
    this.#startedAtMs = performance.now();
    this.#startBytes = receivedBytes;
    this.#display.skipTo(percentOf(receivedBytes, totalBytes));
    const size = formatBytes(totalBytes);
    if (receivedBytes > 0) this.#output.line(`resuming after ${formatBytes(receivedBytes)} of ${size}`);
    else this.#output.line(`downloading ${size}`);
  }

  update(figures: DownloadFigures): void {
    const { totalBytes, receivedBytes } = figures;
    this.#display.update({
      percent: percentOf(receivedBytes, totalBytes),
      isComplete: receivedBytes === totalBytes,
      drawn: () => `${renderBar(figures)}  ${this.#describeRate(figures)}`,
      plain: (percent) => `${percent} % of ${formatBytes(totalBytes)}`,
    });
  }

  /** Ends the line of the bar. */
  end(): void {
    this.#display.end();
  }

  #describeRate({ totalBytes, receivedBytes }: DownloadFigures): string {
    const seconds = (performance.now() - this.#startedAtMs) / 1000;
    const rate = Math.max(0, receivedBytes - this.#startBytes) / Math.max(seconds, 0.001);
    const leftMs = rate === 0 ? Infinity : ((totalBytes - receivedBytes) / rate) * 1000;
    const left = Number.isFinite(leftMs) ? `, ${formatMs(leftMs)} left` : "";
    return `${formatBytes(Math.round(rate))}/s${left}`;
  }
}

/**
 * Draws the bar with its figures.
 *
 * @example renderBar({ totalBytes: 100, receivedBytes: 50 }) // "[████████████░░░░░░░░░░░░]  50 %  50 B of 100 B"
 */
export function renderBar({ totalBytes, receivedBytes }: DownloadFigures): string {
  const percent = percentOf(receivedBytes, totalBytes);
  const filled = Math.floor((percent / 100) * BAR_WIDTH);
  const bar = "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
  return `[${bar}] ${String(percent).padStart(3)} %  ${formatBytes(receivedBytes)} of ${formatBytes(totalBytes)}`;
}

function percentOf(receivedBytes: number, totalBytes: number): number {
  return Math.floor((receivedBytes / totalBytes) * 100);
}
