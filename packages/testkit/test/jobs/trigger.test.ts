import { expect, test } from "vitest";
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

test.each<JobTrigger>([{ tokens: 1 }, { ms: 5 }])("%j: an ended job is no longer cancelled", async (trigger) => {
  const { fired, watched } = watch(trigger);
  watched.start(performance.now());

  watched.see([started, token(0), end()]);
  await new Promise((resolve) => setTimeout(resolve, 30));

  expect(fired).toEqual([]);
});
