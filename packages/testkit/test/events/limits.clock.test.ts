import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  collectStream,
  resolveStreamTimeouts,
  streamEvents,
  type CollectedStream,
  type StreamOptions,
} from "../../src/events/index.js";
import { resolveStreamOptions } from "../../src/events/timeouts.js";
import { Watchdog } from "../../src/events/watchdog.js";
import { bytes, encode, end, failure, from, good, messageOf, metrics, slice, started, token } from "./support.js";

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Text, or a pause in ms. */
async function* paced(...steps: readonly (string | number)[]): AsyncGenerator<Uint8Array> {
  for (const step of steps) {
    if (typeof step === "number") await sleep(step);
    else yield bytes(step);
  }
}

const repeat = (count: number, ...items: readonly (string | number)[]): (string | number)[] =>
  Array.from({ length: count }, () => items).flat();

describe("size limits", () => {
  test("`eventCount`: one event too many is not recorded", async () => {
    const { events, outcome } = await collectStream(from(encode(good)), { eventCount: 3 });
    expect(outcome).toEqual({ status: "limit-exceeded", limit: "eventCount", value: 3 });
    expect(events).toEqual(good.slice(0, 3));
    expect((await collectStream(from(encode(good)), { eventCount: 4 })).outcome.status).toBe("complete");
  });

  test("`decodedBytes`: everything within the limit is decoded, however it is split", async () => {
    const decodedBytes = encode(good.slice(0, 2)).length;
    for (const size of [1, 7, 1000]) {
      const {
        events,
        outcome,
        bytes: count,
      } = await collectStream(from(...slice(bytes(encode(good)), size)), { decodedBytes });
      expect(outcome).toEqual({ status: "limit-exceeded", limit: "decodedBytes", value: decodedBytes });
      expect(events).toEqual(good.slice(0, 2));
      expect(count).toBe(decodedBytes);
    }
    const exact = await collectStream(from(encode(good)), { decodedBytes: encode(good).length });
    expect(exact.outcome.status).toBe("complete");
  });

  test.each([
    ["eventBytes", { eventBytes: 100 }, `data: ${"x".repeat(200)}`],
    ["eventIdBytes", { eventIdBytes: 5 }, `id: 123456\n${encode([token(0)])}`],
    ["eventNameBytes", { eventNameBytes: 5 }, encode([started])],
  ] as const)("`%s`", async (limit, limits, text) => {
    const { outcome } = await collectStream(from(text), limits);
    expect(outcome).toEqual({ status: "limit-exceeded", limit, value: Object.values(limits)[0] });
  });

  test("an endless source is stopped by its size", async () => {
    async function* endless() {
      for (;;) yield await Promise.resolve(bytes(": comment\n\n".repeat(1000)));
    }
    const { outcome } = await collectStream(endless(), { decodedBytes: 1_000_000 });
    expect(outcome).toMatchObject({ limit: "decodedBytes" });
  });

  test("an endless source that starves timers is stopped by `totalMs`", async () => {
    async function* endless() {
      for (;;) yield await Promise.resolve(bytes(": comment\n\n"));
    }
    const { outcome } = await collectStream(endless(), { totalMs: 20, decodedBytes: Infinity });
    expect(outcome).toMatchObject({ limit: "totalMs" });
  });
});

/** A source that always has a chunk at hand: no timer ever gets its turn. */
async function* flood(first: string, block: string): AsyncGenerator<Uint8Array> {
  const chunk = bytes(block);
  await Promise.resolve();
  yield bytes(first);
  for (const until = performance.now() + 20_000; performance.now() < until;) yield chunk;
}

describe("a source that starves timers", () => {
  const OPEN = { decodedBytes: Infinity, eventBytes: Infinity };
  const ignored = "foo\n\n".repeat(100);

  test.each([
    ["firstTokenMs", encode([started]), ignored],
    ["firstTokenMs", "", ": comment\n\n"],
    ["tokenIdleMs", encode([started, token(0)]), ignored],
    ["totalMs", encode([started, token(0)]), ignored],
  ] as const)("is stopped by `%s`", async (limit, first, block) => {
    const { outcome } = await collectStream(flood(first, block), { ...OPEN, [limit]: 50 });
    expect(outcome).toMatchObject({ status: "limit-exceeded", limit });
  });

  test("is released after the grace period if it continues after its terminal event", async () => {
    const { outcome, events, endedAtMs, arrivals } = await collectStream(flood(encode(good), ignored), {
      ...OPEN,
      graceMs: 50,
    });
    expect(outcome).toEqual({ status: "complete", terminal: end() });
    expect(events).toEqual(good);
    expect(endedAtMs - (arrivals.at(-1) ?? 0)).toBeLessThan(10_000);
  });

  test("is read a little longer after a limit has passed, because the available bytes may contain a token", () => {
    const watchdog = new Watchdog(
      resolveStreamOptions({ firstTokenMs: 50, transportIdleMs: Infinity }),
      0,
      () => undefined,
    );
    expect(watchdog.findOverdue(49)).toBeUndefined();
    expect(watchdog.findOverdue(1_000)).toBeUndefined();
    expect(watchdog.findOverdue(1_099)).toBeUndefined();
    watchdog.noteToken(1_099);
    expect(watchdog.findOverdue(1_100)).toBeUndefined();
    expect(watchdog.findOverdue(11_200)).toBeUndefined(); // `tokenIdleMs`, noticed for the first time
    expect(watchdog.findOverdue(11_299)).toBeUndefined();
    expect(watchdog.findOverdue(11_300)).toBe("tokenIdleMs");
    expect(watchdog.findOverdue(120_000)).toBe("totalMs");
  });
});

test("decoding time counts as the worker's, not as the consumer's", async () => {
  // Each chunk takes longer to decode than to come: 64 MiB of these lines once took 99 s against a limit of 30 s.
  async function* lines() {
    const chunk = bytes("foo\n\n".repeat(200_000));
    for (const until = performance.now() + 20_000; performance.now() < until;) {
      yield chunk;
      await new Promise(setImmediate);
    }
  }
  const startedAtMs = performance.now();
  const { outcome } = await collectStream(lines(), { firstTokenMs: 200, decodedBytes: Infinity });
  expect(outcome).toMatchObject({ limit: "firstTokenMs" });
  expect(performance.now() - startedAtMs).toBeLessThan(10_000);
});

describe("time limits", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  async function collect(steps: readonly (string | number)[], options: StreamOptions = {}): Promise<CollectedStream> {
    const promise = collectStream(paced(...steps), options);
    const state = { settled: false };
    void promise.finally(() => (state.settled = true));
    for (let turns = 0; !state.settled && turns < 100_000; turns += 1) await vi.advanceTimersToNextTimerAsync();
    const collected = await promise;
    vi.clearAllTimers(); // the pause of a source that was left
    return collected;
  }

  const elapsed = (collected: CollectedStream): number =>
    Math.round((collected.endedAtMs - collected.startedAtMs) / 10) * 10;

  test("`firstTokenMs` ends the wait for the first token; started, metrics and comments do not count", async () => {
    const steps = [encode([started]), ...repeat(100, 100, ": ping\n\n", encode([metrics]))];
    const collected = await collect(steps, { firstTokenMs: 1000 });
    expect(collected.outcome).toEqual({ status: "limit-exceeded", limit: "firstTokenMs", value: 1000 });
    expect(elapsed(collected)).toBe(1000);
  });

  test("a terminal event satisfies `firstTokenMs`", async () => {
    const { outcome } = await collect([encode([started]), 900, encode([failure]), 500], { firstTokenMs: 1000 });
    expect(outcome.status).toBe("worker-error");
  });

  test("`firstTokenMs` and `totalMs` start when the request is sent", async () => {
    const response = {
      kind: "inference-stream-response" as const,
      status: 200,
      headers: { "content-type": "text/event-stream" },
      url: "http://worker/",
      sentAtMs: performance.now() - 700,
      abort: () => undefined,
      body: paced(encode([started]), 600, encode([token(0)])),
    };
    const promise = collectStream(response, { firstTokenMs: 1000 });
    await vi.advanceTimersByTimeAsync(1000);
    const collected = await promise;
    expect(collected.outcome).toMatchObject({ limit: "firstTokenMs" });
    expect(elapsed(collected)).toBe(300);
  });

  test("`tokenIdleMs` fires on a busy stream of comments and metrics", async () => {
    const steps = [encode([started, token(0)]), ...repeat(100, 50, ": ping\n\n", encode([metrics]))];
    const collected = await collect(steps, { tokenIdleMs: 1000 });
    expect(collected.outcome).toEqual({ status: "limit-exceeded", limit: "tokenIdleMs", value: 1000 });
    expect(elapsed(collected)).toBe(1000);
  });

  test("`tokenIdleMs` restarts with each token", async () => {
    const steps = [encode([started]), ...[0, 1, 2, 3].flatMap((i) => [encode([token(i)]), 900]), encode([end()])];
    expect((await collect(steps, { tokenIdleMs: 1000 })).outcome.status).toBe("complete");
  });

  test("`tokenIdleMs` does not count before the first token", async () => {
    const { outcome } = await collect([encode([started]), 5000, encode([token(0), end()])], { tokenIdleMs: 1000 });
    expect(outcome.status).toBe("complete");
  });

  test("`transportIdleMs` fires when no byte arrives; any byte resets it", async () => {
    const limits = { transportIdleMs: 1000, tokenIdleMs: Infinity };
    const collected = await collect([encode([started, token(0)]), 900, ":", 900, ":", 5000], limits);
    expect(collected.outcome).toEqual({ status: "limit-exceeded", limit: "transportIdleMs", value: 1000 });
    expect(elapsed(collected)).toBe(2800);
  });

  test("`totalMs` ends a stream that never ends", async () => {
    const steps = [encode([started]), ...Array.from({ length: 100 }, (_, i) => [encode([token(i)]), 100]).flat()];
    const collected = await collect(steps, { totalMs: 2000 });
    expect(collected.outcome).toEqual({ status: "limit-exceeded", limit: "totalMs", value: 2000 });
    expect(elapsed(collected)).toBe(2000);
  });

  test("a stream that stays open after its terminal event is complete after the grace period", async () => {
    const collected = await collect([encode(good), 60_000]);
    expect(collected.outcome.status).toBe("complete");
    expect(elapsed(collected)).toBe(1000);
    const failed = await collect([encode([failure]), 60_000], { graceMs: 200 });
    expect(failed.outcome.status).toBe("worker-error");
    expect(elapsed(failed)).toBe(200);
  });

  test("events within the grace period are recorded", async () => {
    const { events } = await collect([encode(good), 500, encode([token(2)]), 60_000]);
    expect(events).toEqual([...good, token(2)]);
  });

  test("`Infinity` disables a limit", async () => {
    const off = { firstTokenMs: Infinity, totalMs: Infinity, transportIdleMs: Infinity };
    const { outcome } = await collect([encode([started]), 10_000_000, encode([failure])], off);
    expect(outcome.status).toBe("worker-error");
  });

  test("an event needs no timer operation", async () => {
    const set = vi.spyOn(globalThis, "setTimeout");
    const tokens = Array.from({ length: 1000 }, (_, i) => encode([token(i)]));
    await collectStream(from(encode([started]), ...tokens, encode([end({ tokens_out: 1000 })])));
    expect(set.mock.calls.length).toBeLessThanOrEqual(3);
    set.mockRestore();
  });

  test("time in which the consumer does not read does not count against the worker", async () => {
    const events = streamEvents(paced(encode([started, token(0)]), encode([token(1)]), encode([end()])), {
      tokenIdleMs: 1000,
    });
    const types: string[] = [];
    const consume = (async () => {
      for await (const event of events) {
        types.push(event.type);
        await sleep(5000);
      }
    })();
    await vi.advanceTimersByTimeAsync(30_000);
    await consume;
    expect(types).toEqual(["started", "token", "token", "end"]);
  });
});

test("a blocked event loop does not count against a worker whose bytes have arrived", async () => {
  let waits: () => void = () => undefined;
  let arrives: () => void = () => undefined;
  const waiting = new Promise<void>((resolve) => (waits = resolve));
  const arrival = new Promise<void>((resolve) => (arrives = resolve));
  async function* source() {
    yield bytes(encode([started, token(0)]));
    setImmediate(waits);
    await arrival;
    yield bytes(encode([token(1), end()]));
  }
  const collected = collectStream(source(), { tokenIdleMs: 1000 });
  await waiting;
  const until = performance.now() + 1100;
  while (performance.now() < until); // now the timer is due, and so is the chunk
  setImmediate(arrives);
  expect((await collected).outcome.status).toBe("complete");
});

describe("invalid limits are rejected", () => {
  test.each([
    [{ firstTokenMs: -1 }, "Expected `firstTokenMs` to be a positive number, got `-1`"],
    [{ totalMs: 0 }, "Expected `totalMs` to be a positive number, got `0`"],
    [{ tokenIdleMs: NaN }, "Expected `tokenIdleMs` to be a positive number, got `NaN`"],
    [{ eventCount: 1.5 }, "Expected `eventCount` to be a whole number of at least 1, got `1.5`"],
    [
      { decodedBytes: "64" as unknown as number },
      'Expected `decodedBytes` to be a whole number of at least 1, got `"64"`',
    ],
    [{ graceMs: -5 }, "Expected `graceMs` to be zero or a positive number, got `-5`"],
  ])("%o", async (options: StreamOptions, message) => {
    expect(await messageOf(collectStream(from(encode(good)), options))).toContain(`[INVALID_OPTION] ${message}`);
    expect(await messageOf(() => streamEvents(from(encode(good)), options))).toContain(message);
  });

  test("undefined means the default", () => {
    expect(resolveStreamTimeouts({ totalMs: undefined, eventBytes: 10 })).toMatchObject({
      totalMs: 120_000,
      eventBytes: 10,
    });
  });
});
