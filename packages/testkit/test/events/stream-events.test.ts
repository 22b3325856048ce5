import { expect, test } from "vitest";
import { collectStream, streamEvents } from "../../src/events/index.js";
import { encode, errorOf, failure, from, good, started, token } from "./support.js";

async function take(events: AsyncIterable<unknown>): Promise<unknown[]> {
  const seen: unknown[] = [];
  for await (const event of events) seen.push(event);
  return seen;
}

test("yields every event of a complete stream and of one that ends with `error`", async () => {
  expect(await take(streamEvents(from(encode(good))))).toEqual(good);
  expect(await take(streamEvents(from(encode([failure]))))).toEqual([failure]);
});

test("yields everything that arrived before it throws for a broken stream", async () => {
  const seen: unknown[] = [];
  const consume = async () => {
    for await (const event of streamEvents(from(encode([started, token(0)])))) seen.push(event);
  };
  expect(await errorOf(consume())).toMatchObject({
    code: "STREAM_TRUNCATED",
    partial: { events: [started, token(0)] },
  });
  expect(seen).toEqual([started, token(0)]);
});

test("does not read ahead", async () => {
  let pulled = 0;
  async function* source() {
    for (const event of good) {
      pulled += 1;
      yield* from(encode([event]));
    }
  }
  const events = streamEvents(source())[Symbol.asyncIterator]();
  await events.next();
  await events.next();
  expect(pulled).toBe(2);
  await events.return();
});

test("leaving the loop returns the source's iterator", async () => {
  let returned = false;
  async function* source() {
    try {
      yield* from(encode([started]));
      yield* from(encode([token(0)]));
    } finally {
      returned = true;
    }
  }
  for await (const event of streamEvents(source())) {
    expect(event).toEqual(started);
    break;
  }
  await expect.poll(() => returned).toBe(true);
});

test("a signal that has already fired reads nothing", async () => {
  const signal = AbortSignal.abort(new Error("too late"));
  expect(await collectStream(from(encode(good)), { signal })).toMatchObject({
    events: [],
    outcome: { status: "aborted", reason: "too late" },
  });
});

test("an abort after the `end` event leaves the stream complete", async () => {
  const controller = new AbortController();
  async function* source() {
    yield* from(encode(good));
    controller.abort();
    await new Promise(() => undefined);
  }
  const { outcome } = await collectStream(source(), { signal: controller.signal });
  expect(outcome.status).toBe("complete");
});

test("no listener is left on the signal", async () => {
  const { signal } = new AbortController();
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners += 1;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners -= 1;
    remove(...args);
  };
  await collectStream(from(encode(good)), { signal });
  expect(listeners).toBe(0);
});
