import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import type { Dialect, EventDecoder } from "../../src/dialects/index.js";
import { orcd } from "../../src/dialects/index.js";
import {
  collectStream,
  streamEvents,
  type CollectedStream,
  type StreamOptions,
  type StreamResponse,
} from "../../src/events/index.js";
import { EventReader } from "../../src/events/event-reader.js";
import { openSource } from "../../src/events/stream-source.js";
import { resolveStreamOptions } from "../../src/events/timeouts.js";
import { bytes, encode, end, errorOf, failure, from, good, started, token } from "./support.js";

/** A dialect whose decoder gives one token for each message, unless told otherwise. */
function dialectOf(decoder: Partial<EventDecoder>): Dialect {
  let count = 0;
  return { ...orcd, name: "tiny", createDecoder: () => ({ isDone: false, push: () => [token(count++)], ...decoder }) };
}
const read = (decoder: Partial<EventDecoder>, ...chunks: readonly string[]): Promise<CollectedStream> =>
  collectStream(from(...chunks), { dialect: dialectOf(decoder) });
const message = "data: x\n\n";

describe("a decoder", () => {
  test("may add events at the start, which have a time", async () => {
    const { events, arrivals, startedAtMs } = await read({ begin: () => [started] }, message);

    expect(events).toEqual([started, token(0)]);
    expect(arrivals[0]).toBe(startedAtMs);
    expect(arrivals[1]).toBeGreaterThanOrEqual(startedAtMs);
  });

  test("may add events at the end, which have a time", async () => {
    const collected = await read({ end: () => [end({ tokens_out: 1 })] }, message);

    expect(collected.outcome).toEqual({ status: "complete", terminal: end({ tokens_out: 1 }) });
    expect(collected.arrivals).toHaveLength(2);
  });

  test("may report what is missing at the end", async () => {
    const { outcome, arrivals } = await read({ end: () => ({ problem: "a `finish_reason`" }) }, message);

    expect(outcome).toEqual({ status: "truncated", endedBy: "close", reason: "a `finish_reason`" });
    expect(arrivals).toHaveLength(1);
  });

  test("without `end()` leaves the stream truncated", async () => {
    expect((await read({}, message)).outcome).toStrictEqual({ status: "truncated", endedBy: "close" });
  });

  test("that is done ends reading; without a terminal event the stream is truncated", async () => {
    const { outcome, events } = await read({ isDone: true }, message + message, message);

    expect(outcome).toEqual({ status: "truncated", endedBy: "done-marker" });
    expect(events).toEqual([token(0)]);
  });

  test.each<[string, Partial<EventDecoder>, { index: number; data: string }]>([
    ["at the start", { begin: () => fail("no") }, { index: 0, data: "" }],
    ["at a message", { push: () => fail("no") }, { index: 0, data: "x" }],
    ["at the end", { end: () => fail("no") }, { index: 1, data: "" }],
  ])("that throws %s produces an invalid event", async (_, decoder, fields) => {
    const { outcome } = await read(decoder, message);

    expect(outcome).toEqual({ status: "invalid-event", reason: "no", ...fields });
  });

  test("receives no message after it is done", async () => {
    const received: string[] = [];
    const push = ({ data }: { data: string }) => (received.push(data), []);

    await read({ push, isDone: true }, "data: 1\n\ndata: 2\n\n");

    expect(received).toEqual(["1"]);
  });

  test("is not asked for its last events if the end exceeds a limit", async () => {
    const dialect = dialectOf({ end: () => [end()] });
    // The end replaces the unfinished character with the three bytes of U+FFFD.
    const body = from("data:ab", Uint8Array.of(0xf0));
    const { events, outcome } = await collectStream(body, { dialect, eventBytes: 8 });

    expect(outcome).toEqual({ status: "limit-exceeded", limit: "eventBytes", value: 8 });
    expect(events).toEqual([]);
  });

  test("that throws something other than an error is quoted", async () => {
    const push = () => {
      throw "no"; // eslint-disable-line @typescript-eslint/only-throw-error -- a dialect of the user may
    };

    expect((await read({ push }, message)).outcome).toMatchObject({ reason: "no", data: "x" });
  });
});

function fail(reason: string): never {
  throw new Error(reason);
}

describe("arrivals", () => {
  test("are the times of the chunks that completed an event, even after a chunk that did not", async () => {
    const { arrivals, startedAtMs, endedAtMs } = await collectStream(
      from(encode([started, token(0)]), ": comment\n", encode([token(1)]), encode([end()])),
    );

    expect(arrivals).toHaveLength(4);
    expect(arrivals[0]).toBe(arrivals[1]);
    const inOrder = [startedAtMs, ...arrivals, endedAtMs];
    expect(inOrder).toEqual(inOrder.toSorted((one, other) => one - other));
  });
});

describe("limits", () => {
  test("`eventCount` keeps that many events", async () => {
    expect((await collectStream(from(encode(good)), { eventCount: 4 })).outcome.status).toBe("complete");
    const cut = await collectStream(from(encode(good)), { eventCount: 3 });
    expect(cut.outcome).toEqual({ status: "limit-exceeded", limit: "eventCount", value: 3 });
    expect(cut.events).toEqual(good.slice(0, 3));
  });

  test("`decodedBytes` reads that many bytes, and the events they complete", async () => {
    const text = encode(good);
    const whole = await collectStream(from(text), { decodedBytes: text.length });
    const cut = await collectStream(from(text), { decodedBytes: text.length - 1 });

    expect(whole).toMatchObject({ bytes: text.length, outcome: { status: "complete" } });
    expect(cut).toMatchObject({ bytes: text.length - 1, outcome: { limit: "decodedBytes" } });
    expect(cut.events).toEqual(good.slice(0, 3));
  });

  test("apply across chunks", async () => {
    const text = encode(good);
    const chunks = [...bytes(text)].map((byte) => Uint8Array.of(byte));

    expect(await collectStream(from(...chunks), { decodedBytes: 100 })).toMatchObject({ bytes: 100 });
  });
});

test("comments, the last `retry` and the first ignored line are in the result", async () => {
  const text = `: one\n: two\nretry: 5\nretry: 7\n<html>\n${"y".repeat(300)}\n\n${encode(good)}`;

  expect(await collectStream(from(text))).toMatchObject({
    commentCount: 2,
    retryMs: 7,
    ignoredLineCount: 2,
    unterminatedText: "<html>",
    unterminatedBytes: 0,
  });
  const long = await collectStream(from(`${"y".repeat(300)}\n\n`));
  expect(long.unterminatedText).toBe("y".repeat(200));
});

test("the first terminal event counts", async () => {
  const { terminal, outcome } = await collectStream(from(encode([started, failure, end()])));

  expect(terminal).toEqual(failure);
  expect(outcome.status).toBe("worker-error");
});

/** A response with these bytes. */
const watched = (body: AsyncIterable<Uint8Array>, fields: Partial<StreamResponse>): StreamResponse => ({
  kind: "inference-stream-response",
  status: 200,
  headers: { "content-type": "text/event-stream" },
  url: "http://worker/",
  abort: () => undefined,
  body,
  ...fields,
});

describe("the result is reported once, when reading has ended", () => {
  test("of a stream that was read to its end", async () => {
    const reports: CollectedStream[] = [];

    const collected = await collectStream(
      watched(from(encode(good)), { onCollected: (stream) => reports.push(stream) }),
    );

    expect(reports).toEqual([collected]);
  });

  test("of one that was left early", async () => {
    const reports: CollectedStream[] = [];

    const source = watched(from(encode([started, token(0)])), { onCollected: (stream) => reports.push(stream) });

    for await (const _ of streamEvents(source)) break;

    expect(reports).toMatchObject([{ outcome: { status: "aborted", reason: "the consumer left the loop" } }]);
  });

  test("of a source that does not yield bytes", async () => {
    const reports: CollectedStream[] = [];
    const text = (async function* () {
      yield await Promise.resolve("text" as unknown as Uint8Array);
    })();

    await errorOf(collectStream(watched(text, { onCollected: (stream) => reports.push(stream) })));

    expect(reports).toMatchObject([{ outcome: { status: "aborted", reason: "the source does not yield bytes" } }]);
  });
});

describe("signal", () => {
  test("that has already fired ends reading with its reason", async () => {
    const options: StreamOptions = { signal: AbortSignal.abort("enough") };

    expect((await collectStream(from(encode(good)), options)).outcome).toEqual({ status: "aborted", reason: "enough" });
  });

  test.each<[string, Partial<EventDecoder>]>([
    ["has ended", {}],
    ["has failed at its start", { begin: () => fail("no") }],
  ])("has no listener left once reading %s", async (_, decoder) => {
    const { signal } = new AbortController();

    await collectStream(from(message), { dialect: dialectOf(decoder), signal });

    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("that fires while a chunk is awaited ends reading immediately and releases the source", async () => {
    const stop = new AbortController();
    const released: string[] = [];
    const iterator = {
      next: () => new Promise<never>(() => setImmediate(() => stop.abort(new Error("enough")))),
      return: () => Promise.resolve(void released.push("returned")),
    };
    const source = { [Symbol.asyncIterator]: () => iterator } as unknown as AsyncIterable<Uint8Array>;

    const { outcome } = await collectStream(source, { signal: stop.signal });

    expect(outcome).toEqual({ status: "aborted", reason: "enough" });
    expect(released).toEqual(["returned"]);
  });
});

test("a source that does not yield bytes is INVALID_OPTION and is released", async () => {
  const text = ReadableStream.from(["text"]) as unknown as ReadableStream<Uint8Array>;

  expect(await errorOf(collectStream(text))).toMatchObject({ code: "INVALID_OPTION" });
});

describe("the connection", () => {
  async function findAborts(text: string): Promise<unknown[]> {
    const aborts: unknown[] = [];
    await collectStream(watched(from(text), { abort: (reason) => aborts.push(reason) }));
    return aborts;
  }

  test("is left alone when the body has ended", async () => {
    expect(await findAborts(encode(good))).toEqual([]);
    expect(await findAborts(encode([started]))).toEqual([]);
  });

  test("is closed when reading ends before the body", async () => {
    expect(await findAborts("data: oops\n\n")).toEqual([new Error("Reading the event stream has ended")]);
  });
});

test("the outcome cannot be asked for while the stream is being read", () => {
  const reader = new EventReader(openSource(from(encode(good))), resolveStreamOptions());

  expect(() => reader.outcome).toThrow("The stream is still being read");
  reader.cancel("the test is over");
  expect(reader.outcome).toEqual({ status: "aborted", reason: "the test is over" });
});
