import type { Slots } from "inference-worker-protocol";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { orcd } from "../../src/dialects/index.js";
import { StreamError, TestkitError } from "../../src/errors/index.js";
import { waitForIdle, type JobTarget, type WaitForIdleOptions } from "../../src/jobs/index.js";
import { errorOf, messageOf } from "../events/support.js";

interface Asked {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const idle: Slots = { busy: 0, queued: 0 };
const busy: Slots = { total: 4, busy: 2, queued: 3 };

/** A target whose slots() answers with the next of these, and then with the last one, on a clock of its own. */
function createTarget(...answers: readonly (Slots | Error)[]) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const left = [...answers];
  const asked: (Asked & { readonly atMs: number })[] = [];
  const startMs = performance.now();
  const unused = () => Promise.reject(new Error("not asked"));
  const target: JobTarget = {
    execute: unused,
    cancel: unused,
    health: unused,
    slots: (options = {}) => {
      asked.push({ ...options, atMs: performance.now() - startMs });
      const answer = left.length > 1 ? left.shift()! : left[0]!;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  };
  const wait = async (options?: WaitForIdleOptions) => {
    const waiting = waitForIdle(target, options);
    waiting.catch(() => undefined); // reported by the caller, once the clock has run
    await vi.runAllTimersAsync();
    return waiting;
  };
  return { target, asked, wait };
}

describe("polls", () => {
  test("until no slot is busy and no job is queued", async () => {
    const { asked, wait } = createTarget({ busy: 1, queued: 0 }, { busy: 0, queued: 1 }, idle);

    expect(await wait()).toEqual({ waitedMs: 3 });
    expect(asked).toHaveLength(3);
  });

  test("only once if the worker is idle", async () => {
    const { asked, wait } = createTarget(idle, busy);

    expect(await wait()).toEqual({ waitedMs: 0 });
    expect(asked).toHaveLength(1);
  });

  test("after 1, 2, 4, 8, 16 ms and then every 20 ms", async () => {
    const { asked, wait } = createTarget(...Array<Slots>(7).fill(busy), idle);

    await wait();

    expect(asked.map(({ atMs }) => atMs)).toEqual([0, 1, 3, 7, 15, 31, 51, 71]);
  });

  test("with the remaining time and the signal each time", async () => {
    const stop = new AbortController();
    const { asked, wait } = createTarget(busy, busy, idle);

    await wait({ timeoutMs: 100, signal: stop.signal });
    stop.abort();

    expect(asked.map(({ timeoutMs }) => timeoutMs)).toEqual([100, 99, 97]);
    expect(asked.every((one) => one.signal?.aborted)).toBe(true);
  });
});

describe("IDLE_TIMEOUT", () => {
  test("as soon as the time is up, with the last slots", async () => {
    const { asked, wait } = createTarget(busy);
    const error = await errorOf(wait({ timeoutMs: 31 }));

    expect(error).toMatchObject({ code: "IDLE_TIMEOUT", details: busy });
    expect(error.message).toContain("after 31 ms 2 of 4 slots are still busy, and 3 jobs are queued");
    expect(asked.at(-1)).toMatchObject({ atMs: 31, timeoutMs: 1 });
  });

  test("even if the worker does not respond in time, with the slots of an earlier response", async () => {
    const late = new TestkitError("LIMIT_HEADERS", { message: "no headers" });

    expect(await messageOf(createTarget(late).wait({ timeoutMs: 50 }))).toContain(
      "[IDLE_TIMEOUT] after 50 ms the worker does not answer `/health` completely",
    );
    expect(await messageOf(createTarget(busy, late).wait({ timeoutMs: 50 }))).toContain(
      "[IDLE_TIMEOUT] after 50 ms 2 of 4 slots are still busy, and 3 jobs are queued; the last complete answer arrived after 0 ms",
    );
  });

  test.each(["slots", "probe"] as const)("even if %s never settles, and whatever it does afterwards", async (name) => {
    const { target } = createTarget(idle);
    const calls: (AbortSignal | undefined)[] = [];
    const hang = ({ signal }: Asked = {}) => {
      calls.push(signal);
      return new Promise<Slots>(() => undefined);
    };
    const waiting = errorOf(
      name === "slots"
        ? waitForIdle({ ...target, slots: hang }, { timeoutMs: 50 })
        : waitForIdle(target, { timeoutMs: 50, probe: () => hang() }),
    );
    await vi.advanceTimersByTimeAsync(50);

    expect(await waiting).toMatchObject({ code: "IDLE_TIMEOUT" });
    expect(calls).toHaveLength(1);
    if (name === "slots") expect(calls[0]?.aborted).toBe(true);
  });
});

test("any other error ends the wait unchanged", async () => {
  const refused = new TestkitError("CONNECT_FAILED", { message: "refused" });

  expect(await errorOf(createTarget(busy, refused).wait())).toBe(refused);
});

test("STREAM_ABORTED when the signal fires, without another poll", async () => {
  const stop = new AbortController();
  const { target, asked } = createTarget(busy);
  const waiting = errorOf(waitForIdle(target, { signal: stop.signal }));
  await vi.advanceTimersByTimeAsync(3);
  stop.abort("enough");

  const error = await waiting;

  expect(error).toBeInstanceOf(StreamError);
  expect(error).toMatchObject({ code: "STREAM_ABORTED", cause: "enough" });
  expect(error.message).toContain("waitForIdle() was aborted");
  expect(asked).toHaveLength(3);
});

test("STREAM_ABORTED when the signal fires during an answer that never ends", async () => {
  const stop = new AbortController();
  const { target } = createTarget(idle);
  const hanging = { ...target, slots: () => new Promise<Slots>(() => undefined) };
  const waiting = errorOf(waitForIdle(hanging, { signal: stop.signal }));
  stop.abort("enough");

  expect(await waiting).toMatchObject({ code: "STREAM_ABORTED", cause: "enough" });
});

test("a dialect that does not report slots is rejected with a solution", async () => {
  const { slots: _, ...dialect } = orcd;
  const { target } = createTarget(idle);

  const message = await messageOf(waitForIdle({ ...target, dialect: { ...dialect, name: "tiny" } }));

  expect(message).toContain(
    "[INVALID_OPTION] Expected a worker whose dialect reports its slots for `waitForIdle()`, got `tiny`: this dialect has no slots",
  );
  expect(message).toContain("hint: Pass `probe`, a function that reads how busy the server is");
});

test("the caller's `probe` is used instead, even for such a dialect", async () => {
  const { slots: _, ...dialect } = orcd;
  const { target, asked } = createTarget(busy);
  const readings = [busy, { busy: 0 }];

  const waiting = waitForIdle({ ...target, dialect }, { probe: () => Promise.resolve(readings.shift()!) });
  await vi.runAllTimersAsync();

  expect(await waiting).toEqual({ waitedMs: 1 });
  expect(asked).toEqual([]);
});
