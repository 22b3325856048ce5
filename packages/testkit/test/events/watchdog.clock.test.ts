import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { resolveStreamOptions, type StreamOptions } from "../../src/events/timeouts.js";
import { Watchdog, type TimeLimit } from "../../src/events/watchdog.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const OFF = { firstTokenMs: Infinity, tokenIdleMs: Infinity, transportIdleMs: Infinity, totalMs: Infinity };
/** On this clock an immediate, in which the watchdog looks again, takes a millisecond. */
const IMMEDIATE_MS = 1;
const now = () => performance.now();

/** A watchdog of a request that was sent `sentMs` ago, and the limits that it found, with the time of each. */
function watch(limits: StreamOptions, sentMs = 0) {
  const startMs = now();
  const expired: [TimeLimit, number][] = [];
  const options = resolveStreamOptions({ ...OFF, ...limits });
  const watchdog = new Watchdog(options, startMs - sentMs, (limit) =>
    expired.push([limit, now() - startMs - IMMEDIATE_MS]),
  );
  /** Bytes arrive: the read that waited for them is over, and the next one begins. */
  const arrive = (note: "token" | "terminal" | "bytes") => {
    if (note === "token") watchdog.noteToken(now());
    if (note === "terminal") watchdog.noteTerminal(now());
    watchdog.pause(now());
    watchdog.resume(now());
  };
  return { watchdog, expired, arrive };
}

/** Lets the time pass, as far as the limit that is found first. */
async function pass(ms: number, { watchdog, expired }: ReturnType<typeof watch>): Promise<void> {
  for (let left = ms; left > 0 && expired.length === 0; left -= 1) await vi.advanceTimersByTimeAsync(1);
  if (expired.length > 0) watchdog.stop();
}

describe("while a read waits", () => {
  test.each<[TimeLimit, StreamOptions]>([
    ["firstTokenMs", { firstTokenMs: 50 }],
    ["transportIdleMs", { transportIdleMs: 50 }],
    ["totalMs", { totalMs: 50 }],
  ])("`%s` expires on time", async (limit, limits) => {
    const run = watch(limits);
    run.watchdog.resume(now());

    await pass(1_000, run);

    expect(run.expired).toEqual([[limit, 50]]);
  });

  test.each<[TimeLimit, StreamOptions]>([
    ["firstTokenMs", { firstTokenMs: 50, transportIdleMs: 60, totalMs: 70 }],
    ["transportIdleMs", { firstTokenMs: 60, transportIdleMs: 50, totalMs: 70 }],
    ["totalMs", { firstTokenMs: 70, transportIdleMs: 60, totalMs: 50 }],
  ])("the earliest deadline wins: `%s`", async (limit, limits) => {
    const run = watch(limits);
    run.watchdog.resume(now());

    await pass(1_000, run);

    expect(run.expired).toEqual([[limit, 50]]);
  });

  test("`firstTokenMs` and `totalMs` count from sending, `transportIdleMs` from reading", async () => {
    for (const [limits, atMs] of [
      [{ firstTokenMs: 50 }, 20],
      [{ totalMs: 50 }, 20],
      [{ transportIdleMs: 50 }, 50],
    ] as const) {
      const run = watch(limits, 30);
      run.watchdog.resume(now());
      await pass(1_000, run);
      expect(run.expired[0]?.[1]).toBe(atMs);
    }
  });

  test("bytes reset `transportIdleMs` and nothing else", async () => {
    const run = watch({ transportIdleMs: 50, firstTokenMs: 120 });
    run.watchdog.resume(now());

    for (let count = 0; count < 2; count += 1) {
      await pass(40, run);
      run.arrive("bytes");
    }
    await pass(1_000, run);

    expect(run.expired).toEqual([["firstTokenMs", 120]]);
  });

  test("each token restarts `tokenIdleMs`, and the first ends `firstTokenMs`", async () => {
    const run = watch({ firstTokenMs: 50, tokenIdleMs: 30 });
    run.watchdog.resume(now());

    for (let count = 0; count < 4; count += 1) {
      await pass(20, run);
      run.arrive("token");
    }
    await pass(1_000, run);

    expect(run.expired).toEqual([["tokenIdleMs", 110]]);
  });

  test("after the terminal event, only the grace period counts, from its arrival", async () => {
    const run = watch({ firstTokenMs: 50, transportIdleMs: 50, totalMs: 60, graceMs: 100 });
    run.watchdog.resume(now());
    await pass(40, run);
    run.arrive("terminal");
    await pass(40, run);

    run.arrive("token");
    run.arrive("terminal");
    await pass(1_000, run);

    expect(run.expired).toEqual([["graceMs", 140]]);
  });

  test("nothing expires without limits", async () => {
    const run = watch({});
    run.watchdog.resume(now());

    await vi.advanceTimersByTimeAsync(2 ** 32);
    run.watchdog.stop();

    expect(run.expired).toEqual([]);
  });

  test("bytes that were waiting when a late timer fired are read first", async () => {
    const run = watch({ tokenIdleMs: 50 });
    run.watchdog.resume(now());
    run.arrive("token");

    await vi.advanceTimersByTimeAsync(49);
    setTimeout(() => run.arrive("token"), 1);
    await vi.advanceTimersByTimeAsync(1);
    await pass(1_000, run);

    expect(run.expired).toEqual([["tokenIdleMs", 100]]);
  });
});

describe("while no read waits", () => {
  test("nothing expires, and the idle limits are paused", async () => {
    const run = watch({ tokenIdleMs: 50, transportIdleMs: 80 });
    run.watchdog.resume(now());
    run.watchdog.noteToken(now());
    run.watchdog.pause(now());

    await vi.advanceTimersByTimeAsync(500);
    expect(run.expired).toEqual([]);
    run.watchdog.resume(now());
    await pass(1_000, run);

    expect(run.expired).toEqual([["tokenIdleMs", 550]]);
  });

  test("`totalMs` keeps running", async () => {
    const run = watch({ totalMs: 100 });
    run.watchdog.resume(now());
    run.watchdog.pause(now());

    await vi.advanceTimersByTimeAsync(150);
    expect(run.expired).toEqual([]);

    expect(run.watchdog.findOverdue(now())).toBe("totalMs");
    run.watchdog.stop();
  });

  test("the time before the first read does not count as idle", async () => {
    const run = watch({ transportIdleMs: 50 });

    await vi.advanceTimersByTimeAsync(200);
    run.watchdog.resume(now());
    await pass(1_000, run);

    expect(run.expired).toEqual([["transportIdleMs", 250]]);
  });
});

describe("findOverdue(), for a source that always has a chunk ready", () => {
  test("`totalMs` is over immediately", () => {
    const { watchdog } = watch({ totalMs: 50 });

    expect(watchdog.findOverdue(now() + 49)).toBeUndefined();
    expect(watchdog.findOverdue(now() + 50)).toBe("totalMs");
  });

  test("any other limit must stay exceeded for 100 ms", () => {
    const { watchdog } = watch({ firstTokenMs: 50 });
    const startMs = now();

    expect(watchdog.findOverdue(startMs + 50)).toBeUndefined();
    expect(watchdog.findOverdue(startMs + 149)).toBeUndefined();
    expect(watchdog.findOverdue(startMs + 150)).toBe("firstTokenMs");
  });

  test("a token in between restarts the time", () => {
    const { watchdog } = watch({ tokenIdleMs: 50 });
    const startMs = now();
    watchdog.noteToken(startMs);

    expect(watchdog.findOverdue(startMs + 60)).toBeUndefined();
    watchdog.noteToken(startMs + 100);
    expect(watchdog.findOverdue(startMs + 120)).toBeUndefined();
    expect(watchdog.findOverdue(startMs + 170)).toBeUndefined();
    expect(watchdog.findOverdue(startMs + 269)).toBeUndefined();
    expect(watchdog.findOverdue(startMs + 270)).toBe("tokenIdleMs");
  });

  test("after the terminal event, the total time no longer counts", () => {
    const { watchdog } = watch({ totalMs: 50, graceMs: 1_000 });
    watchdog.noteTerminal(now());

    expect(watchdog.findOverdue(now() + 500)).toBeUndefined();
  });
});

test("stop() leaves no timer", () => {
  const { watchdog } = watch({ firstTokenMs: 50 });
  watchdog.resume(now());
  expect(vi.getTimerCount()).toBe(1);

  watchdog.stop();

  expect(vi.getTimerCount()).toBe(0);
});

test("stop() cancels a limit that was just detected", async () => {
  const run = watch({ firstTokenMs: 50 });
  run.watchdog.resume(now());
  vi.advanceTimersByTime(50);

  run.watchdog.stop();
  await vi.advanceTimersByTimeAsync(100);

  expect(run.expired.length).toBeLessThanOrEqual(1);
  expect(vi.getTimerCount()).toBe(0);
});
