import { dialectOption } from "../dialects/index.js";
import {
  abortSignal,
  checkedBy,
  defineOptions,
  integer,
  resolveOptions,
  timeoutMs,
  withDefault,
  type Option,
  type OptionsOf,
  type ResolvedOptionsOf,
} from "../options/index.js";

const COUNT = integer([1, Infinity]);
const KIB = 1024;

const STREAM_TIMEOUTS = defineOptions({
  /** Until the connection is established; used by the client. @default 5000 */
  connectMs: withDefault(timeoutMs(), 5_000),
  /** Until the response headers arrive; used by the client. @default 30000 */
  headersMs: withDefault(timeoutMs(), 30_000),
  /**
   * From sending the request to the first token or terminal event; from the start of reading if the time of sending is unknown.
   * @default 30000
   */
  firstTokenMs: withDefault(timeoutMs(), 30_000),
  /** From one token event to the next, or to the terminal event. Neither comments nor `metrics` reset it. @default 10000 */
  tokenIdleMs: withDefault(timeoutMs(), 10_000),
  /** From one byte to the next, including comments. @default 30000 */
  transportIdleMs: withDefault(timeoutMs(), 30_000),
  /** From sending the request to the end of the stream, on the wall clock. @default 120000 */
  totalMs: withDefault(timeoutMs(), 120_000),
  /** Size of one event as sent: the UTF-8 bytes of all lines between two blank lines, including comments. @default 1 MiB */
  eventBytes: withDefault(COUNT, KIB * KIB),
  /** Size of the whole body after decompression. @default 64 MiB */
  decodedBytes: withDefault(COUNT, 64 * KIB * KIB),
  /** Number of events in the stream. @default 1000000 */
  eventCount: withDefault(COUNT, 1_000_000),
  /** UTF-8 bytes of an `id` value. @default 1 KiB */
  eventIdBytes: withDefault(COUNT, KIB),
  /** UTF-8 bytes of an `event` value. @default 256 */
  eventNameBytes: withDefault(COUNT, 256),
});

const READING_OPTIONS = defineOptions({
  /** Aborts the source; the outcome is `aborted`. */
  signal: abortSignal(),
  /** How long to wait for the stream to close after its terminal event; after that it counts as ended. 0 does not wait. @default 1000 */
  graceMs: withDefault(timeoutMs({ orZero: true }), 1_000),
  /** The dialect of a source that does not name its own. @default this project's own protocol */
  dialect: dialectOption(),
});

export const STREAM_OPTIONS: typeof STREAM_TIMEOUTS & typeof READING_OPTIONS = {
  ...STREAM_TIMEOUTS,
  ...READING_OPTIONS,
};

/**
 * How long a stream may take and how large it may become. Each limit has its own error code; `Infinity` disables it.
 * `firstTokenMs`, `tokenIdleMs` and `transportIdleMs` exclude the time during which the consumer of `streamEvents()` does not read.
 */
export interface StreamTimeouts extends OptionsOf<typeof STREAM_TIMEOUTS> {}
/** The name of one limit of {@link StreamTimeouts}. */
export type StreamLimitName = keyof StreamTimeouts;
/** Every limit with a value. */
export type ResolvedStreamTimeouts = ResolvedOptionsOf<typeof STREAM_TIMEOUTS>;

/** Options for reading a stream. */
export interface StreamOptions extends OptionsOf<typeof STREAM_OPTIONS> {}
export type ResolvedStreamOptions = ResolvedOptionsOf<typeof STREAM_OPTIONS>;

/** The limits that apply by default. */
export const DEFAULT_STREAM_TIMEOUTS: ResolvedStreamTimeouts = resolveOptions(STREAM_TIMEOUTS, {});

/**
 * Fills in the defaults and checks every given limit.
 *
 * @throws {INVALID_OPTION} an unknown name, a time that is not positive, or a count or size that is not a whole number.
 * @example resolveStreamTimeouts({ firstTokenMs: 60_000 }).totalMs // 120000
 */
export function resolveStreamTimeouts(timeouts: StreamTimeouts = {}): ResolvedStreamTimeouts {
  return resolveOptions(STREAM_TIMEOUTS, timeouts, "timeouts");
}

/** The `timeouts` option of other functions. It has no defaults, because those of an outer level may apply. */
export function streamTimeouts(): Option<StreamTimeouts> {
  return checkedBy((name, value) => {
    resolveOptions(STREAM_TIMEOUTS, value, name);
    return value;
  });
}

/** Like {@link resolveStreamTimeouts}, for all reading options. @throws {INVALID_OPTION} */
export function resolveStreamOptions(options: StreamOptions = {}): ResolvedStreamOptions {
  return resolveOptions(STREAM_OPTIONS, options);
}
