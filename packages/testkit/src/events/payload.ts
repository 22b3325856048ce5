import { InvalidEventError, parseInferenceEvent, parseJson, type InferenceEvent } from "inference-worker-protocol";
import type { SseMessage } from "./sse-decoder.js";

/** The data that ends a stream of OpenAI form; it is no JSON. */
export const DONE_MARKER = "[DONE]";

/** The stream belongs to another job than the one that was asked for. */
export class ForeignJobError extends InvalidEventError {
  readonly foreignJobId: string;

  constructor(foreignJobId: string, jobId: string) {
    const [got, asked] = [JSON.stringify(foreignJobId), JSON.stringify(jobId)];
    super(`the stream is that of job ${got}, the request was job ${asked}`);
    this.foreignJobId = foreignJobId;
  }
}

/**
 * Makes an event of a message's data.
 *
 * @param jobId the job that was asked for, if that is known.
 * @throws {InvalidEventError} no JSON, no event of the contract, an `event` field that says another type, or another job.
 */
export function parsePayload(message: SseMessage, jobId: string | undefined): InferenceEvent {
  const value = parseValue(message.data);
  const event = parseEvent(value);
  const name = message.event;
  if (name !== undefined && name !== event.type && name !== "message") {
    throw new InvalidEventError(`the frame says \`event: ${name}\`, its data says \`type\` "${event.type}"`);
  }
  if (event.type === "started" && jobId !== undefined && event.job_id !== jobId) {
    throw new ForeignJobError(event.job_id, jobId);
  }
  return event;
}

function parseValue(data: string): unknown {
  if (data === "") throw new InvalidEventError("the data is empty");
  try {
    const value: unknown = JSON.parse(data);
    // Only other events have numbers that a double may not hold; looking for them in every token costs a tenth of collecting.
    return isToken(value) ? value : parseJson(data);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidEventError(`the data is not JSON: ${reason}`, { cause });
  }
}

function isToken(value: unknown): boolean {
  return (value as { type?: unknown } | null)?.type === "token";
}

function parseEvent(value: unknown): InferenceEvent {
  try {
    return parseInferenceEvent(value);
  } catch (cause) {
    const stranger = describeStranger(value);
    if (stranger === undefined) throw cause;
    throw new InvalidEventError(stranger, { cause });
  }
}

/** Objects of other protocols which are met often enough to be named. */
function describeStranger(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || "type" in value) return undefined;
  if ("error" in value) return `an error object instead of an event: ${describeError(value.error)}`;
  if ("choices" in value) return "an OpenAI completion chunk (`choices`), not an event of the worker protocol";
  return undefined;
}

function describeError(error: unknown): string {
  const message: unknown = typeof error === "object" && error !== null && "message" in error ? error.message : error;
  return typeof message === "string" ? message : "see the data";
}
