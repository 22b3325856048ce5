import * as v from "valibot";
import { REQUEST_LIMITS } from "./limits.js";
import { preview } from "./preview.js";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const duration = v.pipe(v.number(), v.minValue(0));
const isU64 = (value: unknown): value is number | bigint =>
  (typeof value === "bigint" || Number.isSafeInteger(value)) &&
  (value as number | bigint) >= 0 &&
  (value as number | bigint) <= REQUEST_LIMITS.maxSeed;
const u64 = v.custom<number | bigint>(isU64, "an integer from 0 to 2^64-1, exact");

/** ISO 8601, with or without a time zone: Python's `utcnow().isoformat()` has none. */
const ISO_8601 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}([.,]\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?$/;
const isTimestamp = (value: unknown): value is string => typeof value === "string" && ISO_8601.test(value);
const isWholeText = (value: unknown): value is string =>
  typeof value === "string" && value !== "" && value.isWellFormed();

const startedEvent = v.object({
  type: v.literal("started"),
  job_id: v.string(),
  model: v.string(),
  started_at: v.custom<string>(isTimestamp, "an ISO 8601 date and time"),
  seed: u64,
});

const tokenEvent = v.object({
  type: v.literal("token"),
  t: v.custom<string>(isWholeText, "non-empty text of whole characters"),
  i: count,
  channel: v.optional(v.literal("reasoning")),
});

const toolCallEvent = v.object({
  type: v.literal("tool_call"),
  index: count,
  id: v.optional(v.string()),
  name: v.optional(v.string()),
  arguments: v.optional(v.string()),
});

const metricsEvent = v.object({
  type: v.literal("metrics"),
  tokens_per_sec: v.optional(duration),
  vram_bytes: v.optional(count),
});

/**
 * Why a job ended. `stop` is either the end of the sequence or a stop sequence: the server does not report which. worker-orcd always
 * reports which one, and ends cancelled and failed jobs with an `error` event: it never sends `stop`, `cancelled` or `error`.
 */
export const STOP_REASONS = [
  "max_tokens",
  "eos",
  "stop_sequence",
  "stop",
  "tool_calls",
  "content_filter",
  "cancelled",
  "error",
] as const;
export type StopReason = (typeof STOP_REASONS)[number];

const endEvent = v.object({
  type: v.literal("end"),
  tokens_out: count,
  decode_time_ms: duration,
  stop_reason: v.picklist(STOP_REASONS),
  stop_sequence_matched: v.optional(v.nullable(v.string())),
});

const errorEvent = v.object({
  type: v.literal("error"),
  code: v.string(),
  message: v.string(),
  retriable: v.optional(v.boolean(), false),
});

const EVENT_SCHEMAS = {
  started: startedEvent,
  token: tokenEvent,
  tool_call: toolCallEvent,
  metrics: metricsEvent,
  end: endEvent,
  error: errorEvent,
} as const;

/** First event of a started job: its id, the model and the effective seed. */
export type StartedEvent = v.InferOutput<typeof startedEvent>;
/** Generated text `t` (whole characters, never empty) with its index `i` = 0, 1, 2, … `channel` is absent for the answer itself. */
export type TokenEvent = v.InferOutput<typeof tokenEvent>;
/**
 * A part of a tool call requested by the model. The parts of one call share its `index`; `id` and `name` arrive once, and the
 * concatenated `arguments` are JSON text.
 */
export type ToolCallEvent = v.InferOutput<typeof toolCallEvent>;
/** Optional interim figures, at most every 500 ms. */
export type MetricsEvent = v.InferOutput<typeof metricsEvent>;
/** The job is complete. `tokens_out` counts generated tokens; there may be fewer `token` events, never more. */
export type EndEvent = v.InferOutput<typeof endEvent>;
/** The job failed, was cancelled, or never started. */
export type ErrorEvent = v.InferOutput<typeof errorEvent>;

/** Any event of a worker's stream; a closed union on `type`. */
export type InferenceEvent = StartedEvent | TokenEvent | ToolCallEvent | MetricsEvent | EndEvent | ErrorEvent;
export type InferenceEventType = InferenceEvent["type"];

/** The event types, in the order in which they may first appear. */
export const EVENT_TYPES = Object.keys(EVENT_SCHEMAS) as readonly InferenceEventType[];

/** A JSON value that is not a valid event; the message names the field, the rule and the value. */
export class InvalidEventError extends Error {
  override readonly name = "InvalidEventError";
}

/**
 * Checks that a decoded JSON value is a valid event. Unknown extra fields are left out of the result.
 *
 * @throws {InvalidEventError} unknown type, missing or mistyped field.
 * @example parseInferenceEvent({ type: "token", t: "Hi", i: 0 })
 */
export function parseInferenceEvent(value: unknown): InferenceEvent {
  if (isAnswerToken(value)) return { type: "token", t: value.t, i: value.i };
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InvalidEventError(`Expected a JSON object, got ${preview(value)}`);
  }
  const type: unknown = (value as { type?: unknown }).type;
  if (typeof type !== "string" || !Object.hasOwn(EVENT_SCHEMAS, type)) {
    throw new InvalidEventError(`Expected \`type\` to be one of ${EVENT_TYPES.join(", ")}, got ${preview(type)}`);
  }
  const result = v.safeParse(EVENT_SCHEMAS[type as InferenceEventType], value, { abortEarly: true });
  if (!result.success) throw new InvalidEventError(`In \`${type}\`: ${describeIssue(result.issues[0])}`);
  return result.output;
}

/** The hot path: a well-formed token skips the schema, which would take longer than parsing its JSON. */
function isAnswerToken(value: unknown): value is TokenEvent {
  const event = value as Partial<TokenEvent> | null;
  if (event?.type !== "token" || event.channel !== undefined) return false;
  return isWholeText(event.t) && Number.isSafeInteger(event.i) && (event.i as number) >= 0;
}

function describeIssue(issue: v.BaseIssue<unknown>): string {
  const field = v.getDotPath(issue) ?? "value";
  if (issue.received === "undefined") return `field \`${field}\` is missing`;
  const rule = issue.type === "custom" ? issue.message : (issue.expected ?? issue.message);
  return `field \`${field}\` must be ${rule}, got ${preview(issue.input)}`;
}
