import { EVENT_STREAM_CONTENT_TYPE } from "inference-worker-protocol";

export const SSE = EVENT_STREAM_CONTENT_TYPE;
export const NDJSON = "application/x-ndjson";
export const JSON_BODY = "application/json; charset=utf-8";

/** A frame without a name, as OpenAI's chunks have it. */
export function dataFrame(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

/** A frame whose name is the `type` of its value. */
export function namedFrame(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
