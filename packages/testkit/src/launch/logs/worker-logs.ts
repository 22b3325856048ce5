import { abortSignal, defineOptions, durationMs, withDefault, type OptionsOf } from "../../options/index.js";
import type { LogLine } from "./log-line.js";

/** Options of {@link WorkerLogs.waitFor}. */
export const LOG_WAIT_OPTIONS = defineOptions({
  /** Longest wait, in ms. @default 5000 */
  timeoutMs: withDefault(durationMs(), 5_000),
  /** Ends the wait early; the promise rejects with the signal's reason. */
  signal: abortSignal(),
});

/** Options of {@link WorkerLogs.waitFor}. */
export interface LogWaitOptions extends OptionsOf<typeof LOG_WAIT_OPTIONS> {}

/**
 * What a worker wrote to stdout and stderr, in order of arrival. A ring buffer: the newest lines are kept, older ones
 * are dropped and counted. Both outputs are always drained, so a worker never blocks on a full pipe.
 *
 * @example const line = await worker.logs.waitFor(/execute_end/, { timeoutMs: 1_000 });
 */
export interface WorkerLogs {
  /** A copy of the kept lines, oldest first. */
  readonly lines: readonly LogLine[];
  /** How many older lines were dropped. */
  readonly droppedCount: number;
  /** The text of the last `count` lines, oldest first. @default 20 lines */
  tail(count?: number): readonly string[];
  /** All kept lines as one string. */
  text(): string;
  /**
   * Waits for a line. A line that is already in the buffer matches; the oldest match is returned. A string is searched
   * for literally. A line is visible once it is complete: after its line break or at the end of the output.
   *
   * @throws {LOG_TIMEOUT} no line matched in time, or the worker's output ended first.
   */
  waitFor(pattern: string | RegExp, options?: LogWaitOptions): Promise<LogLine>;
  /** Calls `listener` for every line from now on, until the returned function is called. */
  onLine(listener: (line: LogLine) => void): () => void;
}
