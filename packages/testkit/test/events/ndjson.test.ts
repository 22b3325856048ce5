import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { orcd, type Dialect } from "../../src/dialects/index.js";
import { collectStream } from "../../src/events/index.js";
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
