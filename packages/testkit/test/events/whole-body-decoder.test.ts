import { describe, expect, test } from "vitest";
import type { WireMessage } from "../../src/dialects/index.js";
import { createMessageDecoder, DEFAULT_STREAM_TIMEOUTS, type StreamLimitName } from "../../src/events/index.js";
import { bytes, slice } from "./support.js";

/** What the decoder of a body in one piece reports about these chunks. */
function decodeWhole(chunks: readonly Uint8Array[], eventBytes = 100) {
  const messages: WireMessage[] = [];
  const overflows: StreamLimitName[] = [];
  const decoder = createMessageDecoder(
    "whole",
    { onMessage: (message) => messages.push(message), onOverflow: (limit) => overflows.push(limit) },
    { ...DEFAULT_STREAM_TIMEOUTS, eventBytes },
  );
  for (const chunk of chunks) decoder.feed(chunk);
  const beforeEnd = [...messages];
  decoder.end();
  const { unterminatedBytes, unterminatedText } = decoder;
  return { messages, beforeEnd, overflows, unterminatedBytes, unterminatedText };
}

describe("a body in one piece", () => {
  const text = '{\n  "text": "grüße 👩‍💻"\n}\n';

  test.each([1, 2, 3, 1000])("is one message, whatever its lines, in chunks of %i bytes", (size) => {
    expect(decodeWhole(slice(bytes(text), size)).messages).toEqual([{ data: text }]);
  });

  test("is not reported before its end", () => {
    expect(decodeWhole([bytes(text)]).beforeEnd).toEqual([]);
  });

  test("that is empty has no message", () => {
    expect(decodeWhole([]).messages).toEqual([]);
    expect(decodeWhole([new Uint8Array(0)]).messages).toEqual([]);
  });

  test("that ends inside of a character ends with U+FFFD", () => {
    expect(decodeWhole([bytes("a"), Uint8Array.of(0xf0, 0x9f)]).messages).toEqual([{ data: "a\ufffd" }]);
  });

  test("leaves nothing unfinished", () => {
    expect(decodeWhole([bytes("{")])).toMatchObject({ unterminatedBytes: 0, unterminatedText: "" });
  });
});

describe("`eventBytes` limits a body in one piece", () => {
  test("a body of exactly that size passes", () => {
    expect(decodeWhole(slice(bytes("12345678"), 4), 8)).toMatchObject({
      messages: [{ data: "12345678" }],
      overflows: [],
    });
  });

  test("bytes count, not characters", () => {
    expect(decodeWhole([bytes("üüüü")], 7).overflows).toEqual(["eventBytes"]);
    expect(decodeWhole([bytes("üüüü")], 8).overflows).toEqual([]);
  });

  test.each([1, 4, 1000])("a longer one is reported once and has no message, in chunks of %i bytes", (size) => {
    expect(decodeWhole(slice(bytes("123456789012"), size), 8)).toMatchObject({
      messages: [],
      overflows: ["eventBytes"],
    });
  });
});
