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
 * What a worker wrote to stdout and stderr, in order of arrival. It is a ring buffer: the newest lines are kept, older
 * ones are dropped and counted. Both outputs are always drained, so a worker never blocks on a full pipe.
 *
 * @example const line = await worker.logs.waitFor(/execute_end/, { timeoutMs: 1_000 });
 */
export interface WorkerLogs {
  /** The kept lines, oldest first: a copy. */
  readonly lines: readonly LogLine[];
  /** How many older lines were dropped. */
  readonly droppedCount: number;
  /** The text of the last `count` lines, oldest first. @default 20 lines */
  tail(count?: number): readonly string[];
  /** All kept lines as one text. */
  text(): string;
  /**
   * Waits for a line; one that is already there counts (the oldest is taken). A string is looked for as it is.
   * A line is seen once it is complete, that is after its line break or at the end of the output.
   *
   * @throws {LOG_TIMEOUT} the time is over, or the worker's output ended first.
   */
  waitFor(pattern: string | RegExp, options?: LogWaitOptions): Promise<LogLine>;
  /** Calls `listener` for every line from now on; the returned function ends that. */
  onLine(listener: (line: LogLine) => void): () => void;
}
