import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { orcd, type Dialect } from "../../src/dialects/index.js";
import { collectStream, createMessageDecoder, DEFAULT_STREAM_TIMEOUTS } from "../../src/events/index.js";
import { StreamSplitter } from "../../src/fault-proxy/stream-splitter.js";
import { bytes, end, from, slice, started, token } from "./support.js";

/** This project's events, one a line. */
const lines: Dialect = { ...orcd, name: "lines", capabilities: { framing: "ndjson" }, inspection: undefined };
const EVENTS = [started, token(0), token(1), end()];
const TEXT = EVENTS.map((event) => `${JSON.stringify(event)}\n`).join("");

describe("a dialect of JSON lines", () => {
  test("decodes to the same events however its bytes are split", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), async (size) => {
        const { events, outcome } = await collectStream(from(...slice(bytes(TEXT), size)), { dialect: lines });
        expect(events).toEqual(EVENTS);
        expect(outcome.status).toBe("complete");
      }),
    );
  });

  test("empty lines and CRLF have no effect", async () => {
    const { events } = await collectStream(from(`\r\n${TEXT.replaceAll("\n", "\r\n\n")}`), { dialect: lines });

    expect(events).toEqual(EVENTS);
  });

  test("a last line without a line end is incomplete, and reported", async () => {
    const cut = TEXT.slice(0, -5);
    const stream = await collectStream(from(cut), { dialect: lines });

    expect(stream.outcome).toEqual({ status: "truncated", endedBy: "close" });
    expect(stream.unterminatedText).toBe(cut.split("\n").at(-1));
    expect(stream.unterminatedBytes).toBe(stream.unterminatedText.length);
  });

  test("a line that is too long exceeds a limit, however it is split", async () => {
    for (const size of [1, 7, 1000]) {
      const chunks = slice(bytes(`${"x".repeat(200)}\n`), size);
      const { outcome } = await collectStream(from(...chunks), { dialect: lines, eventBytes: 100 });

      expect(outcome).toEqual({ status: "limit-exceeded", limit: "eventBytes", value: 100 });
    }
  });

  test("a line that is not JSON is an invalid event", async () => {
    const { outcome } = await collectStream(from("oops\n"), { dialect: lines });

    expect(outcome).toMatchObject({ status: "invalid-event", index: 0, data: "oops" });
  });

  test("a proxy counts its tokens", () => {
    const splitter = new StreamSplitter(lines);
    const slices = slice(bytes(TEXT), 9).flatMap((chunk) => splitter.split(Buffer.from(chunk)));

    expect(slices.flatMap(({ events }) => events ?? [])).toEqual(["started", "token", "token", "end"]);
    expect(Buffer.concat(slices.map((each) => each.bytes)).toString()).toBe(TEXT);
  });
});

/** What the decoder of JSON lines reports about these chunks. */
function decodeLines(chunks: readonly Uint8Array[], eventBytes = 1000) {
  const lines: string[] = [];
  const overflows: string[] = [];
  const decoder = createMessageDecoder(
    "ndjson",
    { onMessage: ({ data }) => lines.push(data), onOverflow: (limit) => overflows.push(limit) },
    { ...DEFAULT_STREAM_TIMEOUTS, eventBytes },
  );
  for (const chunk of chunks) decoder.feed(chunk);
  decoder.end();
  const { unterminatedBytes, unterminatedText } = decoder;
  return { lines, overflows, unterminatedBytes, unterminatedText };
}

describe("lines", () => {
  test.each([1, 2, 3, 5, 1000])("have the same characters in chunks of %i bytes", (size) => {
    expect(decodeLines(slice(bytes('"grüße 👩‍💻"\n\n "日本" \r\nrest ü'), size))).toEqual({
      lines: ['"grüße 👩‍💻"', '"日本"'],
      overflows: [],
      unterminatedText: "rest ü",
      unterminatedBytes: 7,
    });
  });

  test("are reported when their line end arrives", () => {
    expect(decodeLines([bytes("1"), bytes("2\n3"), bytes("4\n")])).toMatchObject({
      lines: ["12", "34"],
      unterminatedBytes: 0,
      unterminatedText: "",
    });
  });

  test("an unfinished line is shown by its first 200 characters and counted whole", () => {
    expect(decodeLines([bytes("a\n"), bytes("x".repeat(150)), bytes("y".repeat(150))])).toMatchObject({
      unterminatedText: "x".repeat(150) + "y".repeat(50),
      unterminatedBytes: 300,
    });
  });

  test("an end inside of a character leaves U+FFFD", () => {
    expect(decodeLines([bytes("ab"), Uint8Array.of(0xf0, 0x9f)])).toMatchObject({
      unterminatedText: "ab\ufffd",
      unterminatedBytes: 5,
    });
  });
});

describe("`eventBytes` limits a line", () => {
  test.each([1, 4, 1000])("one of exactly that size passes, in chunks of %i bytes", (size) => {
    const input = slice(bytes("12345678\nüüüü\n12345678"), size);

    expect(decodeLines(input, 8)).toEqual({
      lines: ["12345678", "üüüü"],
      overflows: [],
      unterminatedText: "12345678",
      unterminatedBytes: 8,
    });
  });

  test.each([1, 4, 1000])("a longer one is reported once, and nothing after it, in chunks of %i bytes", (size) => {
    const input = slice(bytes("1\n123456789\n2\n123456789\n3"), size);

    expect(decodeLines(input, 8)).toMatchObject({ lines: ["1"], overflows: ["eventBytes"] });
  });

  test("bytes count, not characters", () => {
    expect(decodeLines([bytes("üüüü\n")], 7)).toMatchObject({ lines: [], overflows: ["eventBytes"] });
  });

  test("what follows an oversized line is not taken for an unfinished line", () => {
    expect(decodeLines([bytes("123456789\n\n2\n"), bytes("3")], 8)).toMatchObject({ unterminatedText: "" });
  });
});
