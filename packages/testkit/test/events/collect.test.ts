import { Readable } from "node:stream";
import fc from "fast-check";
import { encodeSseEvent, type InferenceEvent } from "inference-worker-protocol";
import { describe, expect, test } from "vitest";
import {
  collectSseEvents,
  collectStream,
  DEFAULT_STREAM_TIMEOUTS,
  streamEvents,
  watchStream,
  type CollectedStream,
  type StreamResponse,
} from "../../src/events/index.js";
import { bytes, encode, end, errorOf, failure, from, good, metrics, slice, started, token } from "./support.js";

const frame = (data: unknown): string => `data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;

function answer(body: AsyncIterable<Uint8Array>, fields: Partial<StreamResponse> = {}): StreamResponse {
  return {
    kind: "inference-stream-response",
    status: 200,
    headers: { "content-type": "text/event-stream" },
    url: "http://worker/",
    abort: () => undefined,
    body,
    ...fields,
  };
}

describe("outcomes", () => {
  test("`end` and a clean close are complete", async () => {
    const collected = await collectStream(from(encode(good)));
    expect(collected).toMatchObject({
      events: good,
      outcome: { status: "complete", terminal: end() },
      terminal: end(),
    });
    expect(collected.bytes).toBe(encode(good).length);
  });

  test("`error` is a worker error, even as the only event", async () => {
    for (const events of [[failure], [started, token(0), failure]]) {
      const collected = await collectStream(from(encode(events)));
      expect(collected).toMatchObject({ events, outcome: { status: "worker-error", terminal: failure } });
    }
  });

  test("a clean close without a terminal event is truncated", async () => {
    const collected = await collectStream(from(encode([started, token(0)])));
    expect(collected.outcome).toEqual({ status: "truncated", endedBy: "close" });
    expect(collected.events).toHaveLength(2);
  });

  test("a terminal event without its blank line is unterminated, so the stream is truncated", async () => {
    const collected = await collectStream(from(encode(good).slice(0, -1)));
    expect(collected.outcome.status).toBe("truncated");
    expect(collected.unterminatedBytes).toBe(encode([end()]).length - 1);
    expect(collected.unterminatedText).toContain("event: end");
  });

  test("an `end` frame without data is not an event, so the stream is truncated", async () => {
    const collected = await collectStream(from(encode([started]), "event: end\n\n"));
    expect(collected).toMatchObject({ events: [started], outcome: { status: "truncated" } });
  });

  test("an error of the source is a transport error with code, byte offset and the events so far", async () => {
    async function* breaks() {
      yield* from(encode([started]));
      throw new TypeError("terminated", { cause: Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }) });
    }
    const { events, outcome } = await collectStream(breaks());
    const byteOffset = encode([started]).length;
    expect(outcome).toMatchObject({
      status: "transport-error",
      code: "ECONNRESET",
      byteOffset,
      message: "read ECONNRESET",
    });
    expect(events).toEqual([started]);
  });

  test("an error without a code is identified by its class", async () => {
    const source: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new RangeError("odd")) }),
    };
    expect((await collectStream(source)).outcome).toMatchObject({ status: "transport-error", code: "RangeError" });
  });

  test("events after the terminal event are recorded", async () => {
    const events = [...good, token(2), end()];
    expect(await collectStream(from(encode(events)))).toMatchObject({ events, outcome: { status: "complete" } });
  });

  test("after `end`, a broken connection is still reported, with the terminal event", async () => {
    async function* breaks() {
      yield* from(encode(good));
      throw new Error("broken");
    }
    expect((await collectStream(breaks())).outcome).toMatchObject({ status: "transport-error", terminal: end() });
  });

  test("after `error`, nothing else changes the outcome", async () => {
    async function* breaks() {
      yield* from(encode([failure]), "data: no event\n\n");
      throw new Error("broken");
    }
    expect((await collectStream(breaks())).outcome).toEqual({ status: "worker-error", terminal: failure });
  });

  test("`data: [DONE]` ends the stream and is never parsed", async () => {
    const truncated = await collectStream(from(encode([started]), frame("[DONE]"), encode([token(0)])));
    expect(truncated).toMatchObject({ events: [started], outcome: { status: "truncated", endedBy: "done-marker" } });
    const complete = await collectStream(from(encode(good), frame("[DONE]")));
    expect(complete).toMatchObject({ events: good, outcome: { status: "complete" } });
  });
});

describe("payloads that are not events of the contract", () => {
  test.each([
    ["no JSON", frame("{nope"), "the data is not JSON"],
    ["empty data", "data\n\n", "the data is empty"],
    ["an array", frame([1]), "Expected a JSON object, got `[1]`"],
    ["null", frame("null"), "Expected a JSON object, got `null`"],
    ["a string", frame('"token"'), 'Expected a JSON object, got `"token"`'],
    ["an unknown type", frame({ type: "delta" }), "Expected `type` to be one of started, token"],
    ["a missing field", frame({ type: "token", t: "a" }), "In `token`: field `i` is missing"],
    ["a field of the wrong type", frame({ type: "token", t: "a", i: "0" }), "In `token`: field `i`"],
    [
      "a contradicting name",
      `event: token\n${frame(end())}`,
      'the frame says `event: token`, its data says `type` "end"',
    ],
    ["an OpenAI error", frame({ error: { message: "too long" } }), "an error object instead of an event: too long"],
    ["an error string", frame({ error: "busy" }), "an error object instead of an event: busy"],
    ["an OpenAI chunk", frame({ choices: [] }), "this looks like an OpenAI chat completion"],
  ])("%s", async (_name, text, reason) => {
    const { events, outcome } = await collectStream(from(encode([started]), text, encode([token(0)])));
    expect(outcome).toMatchObject({ status: "invalid-event", index: 1 });
    expect((outcome as { reason: string }).reason).toContain(reason);
    expect(events).toEqual([started]);
  });

  test("the message has the data, truncated to 200 characters", async () => {
    const { outcome } = await collectStream(from(frame("x".repeat(500))));
    expect(outcome).toMatchObject({ data: "x".repeat(200) });
  });
});

describe("payloads that are events", () => {
  test("JSON spread across several data lines", async () => {
    const text = JSON.stringify(started, undefined, 2).replaceAll(/^/gm, "data: ");
    expect((await collectStream(from(`${text}\n\n`))).events).toEqual([started]);
  });

  test("comments before the first data, unnamed frames and frames named `message`", async () => {
    const text = `: hello\n\n:\n\n${frame(started)}event: message\n${frame(end())}`;
    expect(await collectStream(from(text))).toMatchObject({ events: [started, end()], commentCount: 2 });
  });

  test("index gaps, repeated indices and two terminal events are left to the order check", async () => {
    const events = [started, token(0), token(0), token(7), metrics, end(), failure];
    expect((await collectStream(from(encode(events)))).events).toEqual(events);
  });
});

test("arrivals has one time per event, that of its chunk", async () => {
  const { events, arrivals, startedAtMs, endedAtMs } = await collectStream(
    from(
      encode([started, token(0)]),
      ": nothing\n",
      encode([token(1)]).slice(0, 9),
      encode([token(1)]).slice(9),
      encode([end()]),
    ),
  );
  expect(arrivals).toHaveLength(events.length);
  expect(arrivals[0]).toBe(arrivals[1]);
  const times = [startedAtMs, ...arrivals, endedAtMs];
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

test("collectSseEvents returns the events of a complete stream and of one that ends with `error`", async () => {
  expect(await collectSseEvents(from(encode(good)))).toEqual(good);
  expect(await collectSseEvents(from(encode([started, failure])))).toEqual([started, failure]);
});

test("a Node stream is a source", async () => {
  expect(await collectSseEvents(Readable.from([Buffer.from(encode(good))]))).toEqual(good);
});

test("every slicing of a stream gives the same events and outcome", async () => {
  const streams = [
    encode(good),
    encode([started, token(0, "grüße 👩‍💻")]),
    encode([started]) + frame("oops"),
    encode([failure]),
  ];
  for (const text of streams) {
    const { events, outcome } = await collectStream(from(text));
    for (const size of [1, 2, 3, 7]) {
      expect(await collectStream(from(...slice(bytes(text), size)))).toMatchObject({ events, outcome });
    }
    for (let at = 0; at <= bytes(text).length; at += 1) {
      const cut = await collectStream(from(bytes(text).subarray(0, at), bytes(text).subarray(at)));
      if (cut.events.length !== events.length) expect({ at, ...cut }).toMatchObject({ events, outcome });
    }
  }
});

const anyText = fc.string({ unit: "binary", minLength: 1 });
const seed = fc.bigInt(0n, 2n ** 64n - 1n).map((value) => (value <= Number.MAX_SAFE_INTEGER ? Number(value) : value));
const date = fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true });
const anyEvent: fc.Arbitrary<InferenceEvent> = fc.oneof(
  fc
    .record({ job_id: anyText, model: anyText, started_at: date.map((at) => at.toISOString()), seed })
    .map((fields) => ({ type: "started" as const, ...fields })),
  fc.record({ t: anyText, i: fc.nat() }).map((fields) => ({ type: "token" as const, ...fields })),
  fc.record({ vram_bytes: fc.nat() }).map((fields) => ({ type: "metrics" as const, ...fields })),
);

test("law: encoding and decoding gives the same events, unicode and u64 seeds included", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyEvent, { maxLength: 8 }), fc.integer({ min: 1, max: 90 }), async (events, size) => {
      const all = [...events, end()];
      const wire = bytes(all.map(encodeSseEvent).join(""));
      expect(await collectSseEvents(from(...slice(wire, size)))).toEqual(all);
    }),
    { numRuns: 300 },
  );
});

test("the default limits are those of the documentation", () => {
  expect(DEFAULT_STREAM_TIMEOUTS).toEqual({
    connectMs: 5_000,
    headersMs: 30_000,
    firstTokenMs: 30_000,
    tokenIdleMs: 10_000,
    transportIdleMs: 30_000,
    totalMs: 120_000,
    eventBytes: 1_048_576,
    decodedBytes: 67_108_864,
    eventCount: 1_000_000,
    eventIdBytes: 1_024,
    eventNameBytes: 256,
  });
});

describe("watchStream()", () => {
  test("reports all events so far after each chunk that completed one", async () => {
    const counts: number[] = [];
    const chunks = [encode([started]), ": comment\n\n", encode([token(0), token(1)]), encode([end()])];

    const stream = await watchStream(from(...chunks), {}, (events) => counts.push(events.length));

    expect(counts).toEqual([1, 3, 4]);
    expect(stream).toEqual(
      await collectStream(from(...chunks)).then(({ events }) => expect.objectContaining({ events }) as unknown),
    );
  });

  test("an exception in the observer ends the reading and releases the source", async () => {
    let released = false;
    async function* source() {
      try {
        yield* from(encode([started]), encode([token(0)]));
      } finally {
        released = true;
      }
    }
    const watching = watchStream(source(), {}, () => {
      throw new Error("enough");
    });

    await expect(watching).rejects.toThrow("enough");
    expect(released).toBe(true);
  });

  test("an exception in the observer is the reason of the result", async () => {
    const results: CollectedStream[] = [];
    const source = answer(from(encode([started])), { onCollected: (stream) => results.push(stream) });
    const watching = watchStream(source, {}, () => {
      throw new Error("enough");
    });

    await expect(watching).rejects.toThrow("enough");
    expect(results).toMatchObject([{ outcome: { status: "aborted", reason: "the observer failed" } }]);
  });
});

test("a stream of another job is reported with that job", async () => {
  const body = from(encode(good));
  const abort = () => undefined;
  const head = { status: 200, headers: { "content-type": "text/event-stream" }, url: "http://worker" };
  const { outcome } = await collectStream({ kind: "inference-stream-response", ...head, body, jobId: "job-2", abort });

  expect(outcome).toMatchObject({ status: "invalid-event", index: 0, foreignJobId: "job-1" });
});

describe("limits of the response", () => {
  const limited = () => answer(from(encode(good)), { timeouts: { eventCount: 2 } });

  test("apply unless the call has its own", async () => {
    expect((await collectStream(limited())).outcome).toMatchObject({ limit: "eventCount", value: 2 });
    expect((await collectStream(limited(), { eventCount: 3 })).outcome).toMatchObject({ value: 3 });
  });

  test("apply if an option of the call is undefined", async () => {
    expect((await collectStream(limited(), { eventCount: undefined })).outcome).toMatchObject({ value: 2 });
    const seen: string[] = [];
    const reading = async () => {
      for await (const event of streamEvents(limited(), { eventCount: undefined })) seen.push(event.type);
    };
    expect(await errorOf(reading())).toMatchObject({ code: "LIMIT_EVENT_COUNT" });
    expect(seen).toEqual(["started", "token"]);
  });
});
