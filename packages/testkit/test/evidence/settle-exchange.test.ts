import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { orcd } from "../../src/dialects/index.js";
import { collectStream } from "../../src/events/index.js";
import type { Exchange } from "../../src/evidence/record/exchange.js";
import { Recorder } from "../../src/evidence/record/recorder.js";
import { settleExchange } from "../../src/evidence/record/settle-exchange.js";
import { bytes, encode, end, failure, from, metrics, started, token } from "../events/support.js";

const HEAD = { "content-type": "text/event-stream; charset=utf-8" };
const REQUEST = {
  method: "POST",
  path: "/execute",
  isJob: true,
  dialect: orcd,
  request: undefined,
  jobId: "job-1",
  headers: {},
  body: "{}",
} as const;
const RESET = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });

function record(slices: readonly Uint8Array[], maxBytes = Infinity): Exchange {
  const exchange = new Recorder(maxBytes).watch(REQUEST) as Exchange;
  exchange.onHeaders(200, HEAD);
  for (const slice of slices) exchange.onChunk(slice);
  return exchange;
}

async function* breaking(...slices: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* from(...slices);
  throw RESET;
}

const frame = fc.constantFrom(
  encode([started]),
  encode([token(0)]),
  encode([token(1, "é🎉")]),
  encode([metrics]),
  encode([end()]),
  encode([failure]),
  ": comment\n\n",
  "data: [DONE]\n\n",
  "data: {oops\n\n",
  "no field at all\n",
  "data: unfinished",
);

describe("bytes that were not read as events", () => {
  test("are decoded to the result a reader would have got, however they were cut and ended", async () => {
    const cuts = fc.array(fc.nat(200), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { maxLength: 8 }), cuts, fc.boolean(), async (frames, at, breaks) => {
        const slices = cut(bytes(frames.join("")), at);
        const exchange = record(slices);
        exchange.onEnd(breaks ? { kind: "broken", error: RESET } : { kind: "ended" });

        const { stream } = await settleExchange(exchange, performance.now());
        const live = await collectStream(breaks ? breaking(...slices) : from(...slices));

        const { arrivals, sentAtMs, startedAtMs, endedAtMs, unreadMs, ...facts } = live;
        expect(stream).toMatchObject(facts);
        expect(stream!.arrivals).toHaveLength(arrivals.length);
        expect(typeof stream!.unreadMs).toBe(typeof unreadMs);
        expect([sentAtMs, startedAtMs <= endedAtMs]).toEqual([undefined, true]);
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  test("each event has the time of the chunk that completed it", async () => {
    const whole = bytes(encode([started, token(0), token(1), end()]));
    const exchange = record(cut(whole, [whole.length - 150, whole.length - 10]));
    exchange.onEnd({ kind: "ended" });

    const { stream } = await settleExchange(exchange, performance.now());
    const times = exchange.slices.map(({ atMs }) => atMs);
    expect(stream!.arrivals.at(-1)).toBe(times.at(-1));
    expect(stream!.arrivals[0]).toBe(times[0]);
  });

  test.each([
    ["was being read", true, "it was being read when the worker was stopped"],
    ["was not read", false, "it was not read"],
  ])("a stream that %s is aborted", async (_, isRead, reason) => {
    const { stream } = await settleExchange(record(isRead ? [bytes(encode([started]))] : []), performance.now());
    expect(stream!.outcome).toEqual({ status: "aborted", reason });
  });

  test("a stream whose reader left is aborted, unless it was complete by then", async () => {
    const left = record([bytes(encode([started, token(0)]))]);
    left.onEnd({ kind: "left" });
    const complete = record([bytes(encode([started, end()]))]);
    complete.onEnd({ kind: "left" });

    const now = performance.now();
    expect((await settleExchange(left, now)).stream!.outcome).toMatchObject({
      reason: "its reader left before the end",
    });
    expect((await settleExchange(complete, now)).stream!.outcome.status).toBe("complete");
  });
});

test("a body beyond the limit is dropped completely, and so is every later request", () => {
  const recorder = new Recorder(2_000);
  const first = recorder.watch(REQUEST) as Exchange;
  first.onChunk(new Uint8Array(1_000));
  first.onChunk(new Uint8Array(1_000));

  expect([first.isCut, first.slices]).toEqual([true, []]);
  expect(recorder.watch(REQUEST)).toBeUndefined();
  expect(recorder.droppedCount).toBe(1);
});

/** @param at positions, in any order. */
function cut(whole: Uint8Array, at: readonly number[]): Uint8Array[] {
  const edges = [0, ...[...at].sort((first, second) => first - second), whole.length].map((edge) =>
    Math.min(edge, whole.length),
  );
  return edges.slice(1).map((edge, index) => whole.subarray(edges[index], edge));
}
