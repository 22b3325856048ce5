import type { InferenceEvent } from "./events.js";
import { stringifyJson } from "./json.js";

/** Media type of a worker's stream (wire protocol, `POST /execute`). */
export const EVENT_STREAM_CONTENT_TYPE = "text/event-stream; charset=utf-8";

/**
 * Encodes one event as a Server-Sent-Events frame: `event:`, one `data:` line, a blank line.
 *
 * @example encodeSseEvent({ type: "token", t: "Hi", i: 0 }) // 'event: token\ndata: {"type":"token","t":"Hi","i":0}\n\n'
 */
export function encodeSseEvent(event: InferenceEvent): string {
  // Only `started` can carry a bigint; the exact writer is several times slower than JSON.stringify.
  const data = event.type === "started" ? stringifyJson(event) : JSON.stringify(event);
  return `event: ${event.type}\ndata: ${data}\n\n`;
}
