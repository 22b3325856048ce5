import type { EndEvent, ErrorEvent, InferenceEvent, StartedEvent, TokenEvent } from "inference-testkit";

/** Events as a worker sends them, for tests of what judges them. */
export const started: StartedEvent = {
  type: "started",
  job_id: "job-1",
  model: "stub",
  started_at: "2024-01-01T00:00:00.000Z",
  seed: 42,
};

export const end: EndEvent = { type: "end", tokens_out: 2, decode_time_ms: 3, stop_reason: "max_tokens" };

export const error: ErrorEvent = { type: "error", code: "VRAM_OOM", message: "out of device memory", retriable: true };

export function token(i: number, t = `t${i}`): TokenEvent {
  return { type: "token", t, i };
}

/** A stream of two tokens that keeps every rule. */
export const goodEvents: readonly InferenceEvent[] = [started, token(0), token(1), end];
