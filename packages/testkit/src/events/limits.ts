import { checkKnownOptions, checkSignal, InvalidOptionError } from "../errors/index.js";

/**
 * How long a stream may take and how large it may get; every limit has its own error code. `Infinity` switches one off.
 * The two idle limits and `firstTokenMs` leave out the time in which the consumer of `streamEvents()` does not read.
 */
export interface StreamLimits {
  /** Until the connection stands; used by the client. @default 5000 */
  readonly connectMs?: number | undefined;
  /** Until the response headers; used by the client. @default 30000 */
  readonly headersMs?: number | undefined;
  /** From sending the request (from the start of collecting, when that is unknown) to the first token or terminal event. @default 30000 */
  readonly firstTokenMs?: number | undefined;
  /** From one token event to the next, or to the terminal event; neither comments nor `metrics` reset it. @default 10000 */
  readonly tokenIdleMs?: number | undefined;
  /** From one byte to the next, whatever it belongs to. @default 30000 */
  readonly transportIdleMs?: number | undefined;
  /** From sending the request to the end of the stream, on the wall clock. @default 120000 */
  readonly totalMs?: number | undefined;
  /** One event as sent: the UTF-8 bytes of all lines between two blank lines, comments included. @default 1 MiB */
  readonly eventBytes?: number | undefined;
  /** The whole body after decompression. @default 64 MiB */
  readonly decodedBytes?: number | undefined;
  /** Events of the whole stream. @default 1000000 */
  readonly eventCount?: number | undefined;
  /** UTF-8 bytes of an `id` value. @default 1 KiB */
  readonly eventIdBytes?: number | undefined;
  /** UTF-8 bytes of an `event` value. @default 256 */
  readonly eventNameBytes?: number | undefined;
}

/** The name of one limit. */
export type StreamLimitName = keyof StreamLimits;
/** Every limit with a value. */
export type ResolvedStreamLimits = Readonly<Record<StreamLimitName, number>>;

/** Limits and what else steers collecting. */
export interface StreamOptions extends StreamLimits {
  /** Aborts the source; the outcome is `aborted`. */
  readonly signal?: AbortSignal | undefined;
  /** How long a stream may stay open after its terminal event and still count as ended. 0 does not wait. @default 1000 */
  readonly graceMs?: number | undefined;
}

export interface ResolvedStreamOptions extends ResolvedStreamLimits {
  readonly signal: AbortSignal | undefined;
  readonly graceMs: number;
}

/** The limits in force when nothing else is said. */
export const DEFAULT_STREAM_LIMITS: ResolvedStreamLimits = {
  connectMs: 5_000,
  headersMs: 30_000,
  firstTokenMs: 30_000,
  tokenIdleMs: 10_000,
  transportIdleMs: 30_000,
  totalMs: 120_000,
  eventBytes: 1024 * 1024,
  decodedBytes: 64 * 1024 * 1024,
  eventCount: 1_000_000,
  eventIdBytes: 1024,
  eventNameBytes: 256,
};

const DEFAULT_GRACE_MS = 1_000;
const LIMIT_NAMES = Object.keys(DEFAULT_STREAM_LIMITS) as readonly StreamLimitName[];

/**
 * Fills in the defaults and checks every given limit.
 *
 * @throws {INVALID_OPTION} a limit that is no positive number, or a count or size that is no integer.
 * @example resolveStreamLimits({ firstTokenMs: 60_000 }).totalMs // 120000
 */
export function resolveStreamLimits(limits: StreamLimits = {}): ResolvedStreamLimits {
  checkKnownOptions("limits", limits, LIMIT_NAMES);
  const resolved: Record<StreamLimitName, number> = { ...DEFAULT_STREAM_LIMITS };
  for (const name of LIMIT_NAMES) {
    const value = limits[name];
    if (value === undefined) continue;
    validateLimit(name, value);
    resolved[name] = value;
  }
  return resolved;
}

/**
 * The same for limits, `signal` and `graceMs`.
 *
 * @throws {INVALID_OPTION} see {@link resolveStreamLimits}; also a negative `graceMs`.
 */
export function resolveStreamOptions(options: StreamOptions = {}): ResolvedStreamOptions {
  const { signal, graceMs: givenGraceMs, ...limits } = options;
  const graceMs: unknown = givenGraceMs ?? DEFAULT_GRACE_MS;
  if (typeof graceMs !== "number" || !(graceMs >= 0)) reject("graceMs", "a number of at least 0", graceMs);
  checkSignal("signal", signal);
  return { ...resolveStreamLimits(limits), signal, graceMs };
}

function validateLimit(name: StreamLimitName, value: unknown): void {
  const whole = !name.endsWith("Ms");
  const valid = typeof value === "number" && value > 0 && (!whole || Number.isInteger(value) || value === Infinity);
  if (!valid) reject(name, whole ? "a positive integer" : "a positive number", value);
}

function reject(name: string, expected: string, value: unknown): never {
  throw new InvalidOptionError({ message: `Expected \`${name}\` to be ${expected}, got \`${String(value)}\`` });
}
