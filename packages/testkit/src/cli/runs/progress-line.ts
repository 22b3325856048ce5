import { formatMs, formatNumber, plural } from "../../numbers/index.js";
import type { LoadProgress } from "../../load/index.js";
import { ProgressDisplay, type Output } from "../../terminal/index.js";

/** Shows the progress of a run: on a terminal one redrawn line, otherwise a line every 10 %. */
export class ProgressLine {
  readonly #display: ProgressDisplay;
  readonly #durationMs: PhaseDurations;
  #phase: string | undefined;

  constructor(output: Output, durationMs: PhaseDurations) {
    this.#display = new ProgressDisplay(output);
    this.#durationMs = durationMs;
  }

  readonly update = (progress: LoadProgress): void => {
    const phase = `${progress.phase} ${progress.step?.number ?? 1}`;
    if (this.#phase !== phase) {
      this.#display.end();
      this.#display.skipTo(0);
      this.#phase = phase;
    }
    const percent = Math.floor(100 * shareOf(progress, this.#durationMs));
    const text = describeProgress(progress);
    this.#display.update({
      percent,
      isComplete: false,
      drawn: () => `${String(percent).padStart(3)} %  ${text}`,
      plain: () => `${percent} %  ${text}`,
    });
  };

  /** Ends the line. */
  end(): void {
    this.#display.end();
  }
}

/** How long the phases take at most, as far as that is known. */
export type PhaseDurations = Readonly<Record<LoadProgress["phase"], number | undefined>>;

/** How far a phase is, from 0 to 1. */
export function shareOf({ phase, planned, done, elapsedMs }: LoadProgress, durations: PhaseDurations): number {
  const durationMs = durations[phase];
  const shares = [
    planned === undefined ? 0 : done / Math.max(1, planned),
    durationMs === undefined ? 0 : elapsedMs / durationMs,
  ];
  return Math.min(1, Math.max(...shares));
}

/** The figures of a run so far, in one line. */
export function describeProgress({ phase, step, planned, done, ...rest }: LoadProgress): string {
  const { byStatus, ratePerSec, recentTtftMs } = rest;
  const failed = done - (byStatus.ok ?? 0);
  const parts = [
    ...(step === undefined ? [] : [`${step.number} of ${step.count}: ${step.label}`]),
    ...(phase === "warmup" ? ["warm-up"] : []),
    planned === undefined ? plural(done, "request") : `${done} of ${plural(planned, "request")}`,
    `${formatNumber(ratePerSec)}/s`,
    `TTFT so far ${recentTtftMs === undefined ? "–" : formatMs(recentTtftMs)}`,
    plural(failed, "error"),
  ];
  return parts.join("  ");
}
