import { describe, expect, onTestFinished, test, vi } from "vitest";
import { jobTrigger, TriggerWatch, type JobTrigger } from "../../src/jobs/trigger.js";
import { end, failure, started, token } from "../events/support.js";

/** What a trigger has seen when it fired. */
function watch(trigger: JobTrigger): { readonly fired: number[]; readonly watched: TriggerWatch } {
  const fired: number[] = [];
  return { fired, watched: new TriggerWatch(trigger, (events) => fired.push(events.length)) };
}

test("fires once, with the events so far", () => {
  const { fired, watched } = watch({ tokens: 2 });
  watched.start(performance.now());

  watched.see([started, token(0)]);
  watched.see([started, token(0), token(1)]);
  watched.see([started, token(0), token(1), token(2)]);

  expect(fired).toEqual([3]);
});

test("does not fire with fewer tokens, however many other events there are", () => {
  const { fired, watched } = watch({ tokens: 2 });

  watched.see([started, token(0), started, started]);

  expect(fired).toEqual([]);
});

test("`tokens: 0` fires with the headers, before any event, and only once", () => {
  const { fired, watched } = watch({ tokens: 0 });

  watched.start(performance.now());
  watched.see([started, token(0)]);

  expect(fired).toEqual([0]);
});

test("any other number of tokens does not fire with the headers", () => {
  const { fired, watched } = watch({ tokens: 1 });

  watched.start(performance.now());

  expect(fired).toEqual([]);
});

describe("`ms`", () => {
  const startClock = () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
  };

  test("counts from the request, and fires once, with the events that have arrived", () => {
    startClock();
    const { fired, watched } = watch({ ms: 50 });
    const sentAtMs = performance.now();
    vi.advanceTimersByTime(20);

    watched.start(sentAtMs);
    watched.see([started, token(0)]);
    vi.advanceTimersByTime(29);
    expect(fired).toEqual([]);
    vi.advanceTimersByTime(1);

    expect(fired).toEqual([2]);
    vi.advanceTimersByTime(1_000);
    expect(fired).toEqual([2]);
  });

  test.each([50, 70])("fires immediately if its time is up when the headers arrive (after %i ms)", (elapsedMs) => {
    startClock();
    const { fired, watched } = watch({ ms: 50 });
    const sentAtMs = performance.now();
    vi.advanceTimersByTime(elapsedMs);

    watched.start(sentAtMs);

    expect(fired).toEqual([0]);
  });

  test("waits for the rest of a timer that fires early", () => {
    startClock();
    const { fired, watched } = watch({ ms: 10 });
    const startMs = performance.now();
    const clock = vi.spyOn(performance, "now").mockReturnValue(startMs);
    onTestFinished(() => clock.mockRestore());

    watched.start(startMs);
    clock.mockReturnValue(startMs + 9.5);
    vi.advanceTimersByTime(10);
    expect(fired).toEqual([]);
    clock.mockReturnValue(startMs + 10);
    vi.advanceTimersByTime(1);

    expect(fired).toEqual([0]);
  });

  test.each([[end()], [failure]])("does not fire after the job has ended: %o", (terminal) => {
    startClock();
    const { fired, watched } = watch({ ms: 5 });
    watched.start(performance.now());

    watched.see([started, token(0), terminal]);
    vi.advanceTimersByTime(1_000);

    expect(fired).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("does not fire after stop(), even if it is started later", () => {
    startClock();
    const { fired, watched } = watch({ ms: 5 });
    watched.start(performance.now());

    watched.stop();
    vi.advanceTimersByTime(1_000);
    watched.start(0);

    expect(fired).toEqual([]);
  });
});

test("a job that has ended is not cancelled for its tokens, not even when more arrive", () => {
  const { fired, watched } = watch({ tokens: 1 });

  watched.see([started, end()]);
  watched.see([started, end(), token(0)]);

  expect(fired).toEqual([]);
});

describe("jobTrigger()", () => {
  const read = (value: unknown) => jobTrigger().read("trigger", value);

  test.each([{ tokens: 0 }, { tokens: 3 }, { ms: 0 }, { ms: 2.5 }])("accepts %j", (trigger) => {
    expect(read(trigger)).toEqual(trigger);
  });

  test.each([[{}], [{ tokens: 1, ms: 1 }], [3], [null]])(
    "rejects %j: exactly one of the two is required",
    (trigger) => {
      expect(() => read(trigger)).toThrow(
        "[INVALID_OPTION] Expected `trigger` to be { tokens: n } or { ms: t }, got `",
      );
    },
  );

  test.each([
    [{ tokens: -1 }, "`trigger.tokens`"],
    [{ tokens: 1.5 }, "`trigger.tokens`"],
    [{ ms: -1 }, "`trigger.ms`"],
    [{ token: 1 }, "`token`"],
  ])("rejects %j and names the field", (trigger, field) => {
    expect(() => read(trigger)).toThrow(field);
  });
});
