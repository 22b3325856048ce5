import { formatBytes, formatMs, type Output } from "../output/index.js";
import type { DownloadFigures } from "./download-file.js";

const BAR_WIDTH = 24;
const REDRAW_MS = 100;
const PLAIN_STEP_PERCENT = 10;

/** Shows how far a download is: a bar that is redrawn on a terminal, elsewhere a line every 10 %. */
export class ProgressPrinter {
  readonly #output: Output;
  #startedAtMs = performance.now();
  #startBytes = 0;
  #drawnAtMs = -Infinity;
  #shownPercent = 0;
  #barIsOpen = false;
  #isComplete = false;

  constructor(output: Output) {
    this.#output = output;
  }

  start({ totalBytes, receivedBytes }: DownloadFigures): void {
    this.#startedAtMs = performance.now();
    this.#startBytes = receivedBytes;
    this.#shownPercent = percentOf(receivedBytes, totalBytes);
    const size = formatBytes(totalBytes);
    if (receivedBytes > 0) this.#output.line(`resuming after ${formatBytes(receivedBytes)} of ${size}`);
    else this.#output.line(`downloading ${size}`);
  }

  update(figures: DownloadFigures): void {
    if (this.#output.isTerminal) this.#draw(figures);
    else this.#print(figures);
  }

  /** Ends the line of the bar. */
  end(): void {
    if (this.#barIsOpen) this.#output.line();
    this.#barIsOpen = false;
  }

  #draw(figures: DownloadFigures): void {
    const nowMs = performance.now();
    const isComplete = figures.receivedBytes === figures.totalBytes;
    // The end is drawn at once, and once: while the last writes are on their way, it is reported many times.
    if (this.#isComplete || (!isComplete && nowMs - this.#drawnAtMs < REDRAW_MS)) return;
    this.#isComplete = isComplete;
    this.#drawnAtMs = nowMs;
    this.#barIsOpen = true;
    const line = `${renderBar(figures)}  ${this.#describeRate(figures)}`;
    this.#output.write(`\r${line.slice(0, this.#output.columnCount - 1)}\u001b[K`);
  }

  #print({ totalBytes, receivedBytes }: DownloadFigures): void {
    const percent = percentOf(receivedBytes, totalBytes);
    if (percent < this.#shownPercent + PLAIN_STEP_PERCENT) return;
    this.#shownPercent = percent - (percent % PLAIN_STEP_PERCENT);
    this.#output.line(`${this.#shownPercent} % of ${formatBytes(totalBytes)}`);
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
