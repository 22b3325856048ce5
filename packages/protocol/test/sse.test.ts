import { expect, test } from "vitest";
import { encodeSseEvent, EVENT_STREAM_CONTENT_TYPE, type InferenceEvent } from "../src/index.js";

test.each<[InferenceEvent, string]>([
  [
    { type: "started", job_id: "a", model: "m", started_at: "2025-01-01T00:00:00.000Z", seed: 18446744073709551615n },
    'event: started\ndata: {"type":"started","job_id":"a","model":"m","started_at":"2025-01-01T00:00:00.000Z","seed":18446744073709551615}\n\n',
  ],
  [{ type: "token", t: "Hi", i: 0 }, 'event: token\ndata: {"type":"token","t":"Hi","i":0}\n\n'],
  [{ type: "token", t: "é🎉", i: 1 }, 'event: token\ndata: {"type":"token","t":"é🎉","i":1}\n\n'],
  [
    { type: "metrics", tokens_per_sec: 1.5, vram_bytes: 7 },
    'event: metrics\ndata: {"type":"metrics","tokens_per_sec":1.5,"vram_bytes":7}\n\n',
  ],
  [
    { type: "end", tokens_out: 1, decode_time_ms: 2.5, stop_reason: "stop_sequence", stop_sequence_matched: "}" },
    'event: end\ndata: {"type":"end","tokens_out":1,"decode_time_ms":2.5,"stop_reason":"stop_sequence","stop_sequence_matched":"}"}\n\n',
  ],
  [
    { type: "error", code: "CANCELLED", message: "m", retriable: false },
    'event: error\ndata: {"type":"error","code":"CANCELLED","message":"m","retriable":false}\n\n',
  ],
])("%o is encoded byte for byte", (event, frame) => {
  expect(encodeSseEvent(event)).toBe(frame);
});

test("a frame has one data line, whatever the text contains", () => {
  const text = "a\nb\r\nc\rd\u2028e\u0000f\ud800";
  const frame = encodeSseEvent({ type: "token", t: text, i: 0 });
  expect(frame.split(/\r\n|\r|\n/)).toHaveLength(4);
  expect(JSON.parse(frame.split("\n")[1]!.slice("data: ".length))).toEqual({ type: "token", t: text, i: 0 });
  expect(Buffer.from(frame).toString()).toBe(frame);
});

test("the content type has the charset", () => {
  expect(EVENT_STREAM_CONTENT_TYPE).toBe("text/event-stream; charset=utf-8");
});
