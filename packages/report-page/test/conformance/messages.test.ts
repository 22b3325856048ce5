import { expect, test } from "vitest";
import { readArrivals } from "../../src/conformance/messages.js";

const messagesOf = (type: string, texts: readonly string[]) =>
  readArrivals({
    headers: { "content-type": type },
    pieces: texts.map((text, atMs) => ({ atMs, text })),
  }).map(({ messages }) => messages.map(({ name, data }) => (name === null ? data : `${name}: ${data}`)));

test("an event is shown beside the bytes that complete it", () => {
  expect(
    messagesOf("text/event-stream; charset=utf-8", ["data: a\n\ndata: b", "\n\n", "event: end\ndata: c\n\n"]),
  ).toEqual([["a"], ["b"], ["end: c"]]);
});

test("an event that a CR ends is complete at once", () => {
  expect(messagesOf("text/event-stream", ["data: a\r\r", "data: b\r"])).toEqual([["a"], []]);
});

test("a CRLF that two pieces share ends one line", () => {
  expect(messagesOf("text/event-stream", ["data: a\r", "\n", "data: b\r\n\r\n"])).toEqual([[], [], ["a\nb"]]);
});

test("lines of JSON are messages, however they are cut", () => {
  expect(messagesOf("application/x-ndjson", ['{"a":1}\n{"b"', ":2}\n", "\n"])).toEqual([['{"a":1}'], ['{"b":2}'], []]);
});

test("a body that is not a stream has no messages", () => {
  expect(messagesOf("application/json", ["data: a\n\n"])).toEqual([[]]);
  expect(readArrivals({ headers: {}, pieces: [{ atMs: 1, text: "data: a\n\n" }] })[0]!.messages).toEqual([]);
});
