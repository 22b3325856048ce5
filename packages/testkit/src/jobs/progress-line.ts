import { createOutput, ProgressDisplay } from "../terminal/index.js";
import type { JobProgress, ProgressCallback } from "./job-progress.js";

/**
 * A built-in `onProgress`: on a terminal, one line that is redrawn at most ten times a second; otherwise (in CI), a line every 10 %.
 * Create a new one for every `executeAll()`.
 *
 * @param stream @default process.stderr
 * @example await worker.executeAll(requests, { onProgress: progressLine() });
 */
export function progressLine(stream: NodeJS.WriteStream = process.stderr): ProgressCallback {
  const output = createOutput(stream);
  const display = new ProgressDisplay(output);
  return (progress) => {
    const { total, done } = progress;
    display.update({
      percent: Math.floor((done / total) * 100),
      isComplete: done === total,
      drawn: () => describeProgress(progress),
      plain: () => describeProgress(progress),
    });
    if (done === total) display.end();
  };
}

/** "40 of 100 jobs done, 8 running: 39 ok, 1 truncated". */
function describeProgress({ total, running, done, byStatus }: JobProgress): string {
  const counts = Object.entries(byStatus).map(([status, count]) => `${count} ${status}`);
  const details = counts.length === 0 ? "" : `: ${counts.join(", ")}`;
  return `${done} of ${total} jobs done, ${running} running${details}`;
}
