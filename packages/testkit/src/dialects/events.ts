import {
  parseInferenceEvent,
  type EndEvent as WireEndEvent,
  type ErrorEvent,
  type MetricsEvent,
  type TokenEvent,
  type ToolCallEvent,
} from "inference-worker-protocol";

/** First event of a job that began. A field is absent if the server does not report it; worker-orcd reports all of them. */
export interface StartedEvent {
  readonly type: "started";
  readonly job_id?: string | undefined;
  readonly model?: string | undefined;
  /** ISO 8601. */
  readonly started_at?: string | undefined;
  /** The seed in force. */
  readonly seed?: number | bigint | undefined;
}

/** The job is complete. `tokens_out` counts generated tokens, including reasoning; there may be fewer `token` events. */
export interface EndEvent extends Omit<WireEndEvent, "decode_time_ms"> {
  /** Set if the server does not count tokens: `tokens_out` is then the number of `token` events. */
  readonly tokens_out_estimated?: true | undefined;
  /** Absent if the server does not report it. */
  readonly decode_time_ms?: number | undefined;
}

/** Any event of a stream, whatever the server speaks; a closed union on `type`. */
export type InferenceEvent = StartedEvent | TokenEvent | ToolCallEvent | MetricsEvent | EndEvent | ErrorEvent;

/** What stands in for a field that may be absent, while an event is checked. */
const STAND_INS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  started: { job_id: "", model: "", started_at: "1970-01-01T00:00Z", seed: 0 },
  end: { decode_time_ms: 0 },
};

/**
 * Checks a JSON value that was written for an event of any dialect.
 *
 * @throws {InvalidEventError} a mistyped field, or one that every dialect has to report is missing.
 */
export function parseEvent(value: unknown): InferenceEvent {
  const given = typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  const standIns = STAND_INS[String(given["type"])];
  if (standIns === undefined) return parseInferenceEvent(value);
  const parsed = Object.entries(parseInferenceEvent({ ...standIns, ...given }));
  const present = Object.fromEntries(parsed.filter(([name]) => name in given || !(name in standIns)));
  const estimated = given["tokens_out_estimated"] === true ? { tokens_out_estimated: true } : {};
  return { ...present, ...estimated } as unknown as InferenceEvent;
}
