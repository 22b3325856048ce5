import { expect, test } from "vitest";
import type { CheckContext } from "../../../src/conformance/context.js";
import { letDrain } from "../../../src/conformance/observe/let-drain.js";

/** A server that answers with these statuses, one after the other, and then with the last one. */
async function countAsked(statuses: readonly number[], silenceMs: number): Promise<number> {
  let count = 0;
  const target = {
    silenceMs,
    ask: () => Promise.resolve({ status: statuses[Math.min(count++, statuses.length - 1)] }),
  };
  const context = { target, prompts: { endless: () => "Hello" }, signal: new AbortController().signal };
  await letDrain(context as unknown as CheckContext);
  return count;
}

test.each<[string, readonly number[], number]>([
  ["answers", [200], 1],
  ["is full at first", [503, 429, 200], 3],
  ["refuses for another reason than being full", [400], 1],
])("a server that %s is asked until it is no longer full", async (_, statuses, count) => {
  expect(await countAsked(statuses, 60_000)).toBe(count);
});

test("a server that stays full is left after six silences", async () => {
  expect(await countAsked([503], 50)).toBeGreaterThan(1);
});
