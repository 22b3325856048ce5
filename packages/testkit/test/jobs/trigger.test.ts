import { expect, test, vi } from "vitest";
import { TriggerWatch, type JobTrigger } from "../../src/jobs/trigger.js";
import { end, started, token } from "../events/support.js";

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

test.each<JobTrigger>([{ tokens: 1 }, { ms: 5 }])("%j: a job that has ended is no longer cancelled", (trigger) => {
  vi.useFakeTimers();
  try {
    const { fired, watched } = watch(trigger);
    watched.start(performance.now());

    watched.see([started, token(0), end()]);
    vi.advanceTimersByTime(1_000);

    expect(fired).toEqual([]);
  } finally {
    vi.useRealTimers();
  }
});

test("fires when its time has passed, and never early", () => {
  vi.useFakeTimers();
  try {
    const { fired, watched } = watch({ ms: 5 });
    watched.start(performance.now());
    watched.see([started]);

    vi.advanceTimersByTime(4);
    expect(fired).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(fired).toEqual([1]);
  } finally {
    vi.useRealTimers();
  }
});
