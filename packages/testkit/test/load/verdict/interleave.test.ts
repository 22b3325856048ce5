import { expect, test } from "vitest";
import { interleave } from "../../../src/load/index.js";
import { rejectionOf } from "../../../../../tests/support/conditions.js";
import { makeRecords, makeResult } from "../results.js";

const result = makeResult(makeRecords(20));

test("alternates the sides, and neither side is always first", async () => {
  const order: string[] = [];
  const side = (name: string) => async (repeat: number) => {
    order.push(`${name}${repeat}`);
    return result;
  };
  const { a, b } = await interleave(side("a"), side("b"));

  expect(order.join(" ")).toBe("a0 b0 b1 a1 a2 b2 b3 a3 a4 b4");
  expect([a.length, b.length]).toEqual([5, 5]);
});

test("an invalid run is replaced by a further round, but not forever", async () => {
  const invalid = makeResult(makeRecords(20), { client: { cpuShare: 1 } });
  const once = await interleave(
    () => result,
    (repeat) => (repeat === 2 ? invalid : result),
  );
  const always = await interleave(
    () => result,
    () => invalid,
  );

  expect([once.a.length, once.b.length]).toEqual([6, 6]);
  expect([always.a.length, always.b.length]).toEqual([10, 10]);
});

test("ends after the current run when the signal fires", async () => {
  const controller = new AbortController();
  const { a, b } = await interleave(
    () => result,
    () => result,
    {
      signal: controller.signal,
      onRun: ({ side, repeat }) => {
        if (side === "a" && repeat === 1) controller.abort();
      },
    },
  );

  expect([a.length, b.length]).toEqual([2, 2]);
});

test("rejects with the error that a run throws", async () => {
  const failing = () => Promise.reject(new Error("no worker"));

  expect((await rejectionOf(interleave(() => result, failing))).message).toBe("no worker");
});

test("fewer than five repeats are rejected: they prove nothing", async () => {
  const error = await rejectionOf(
    interleave(
      () => result,
      () => result,
      { repeats: 4 },
    ),
  );

  expect(error.message).toContain("Expected `repeats` to be a whole number from 5 to 1000, got `4`");
});

test.each<[string, object]>([
  ["`signal` to be an AbortSignal", { signal: {} }],
  ["`onRun` to be a function", { onRun: "log" }],
])("an invalid option is rejected: Expected %s", async (message, options) => {
  const error = await rejectionOf(
    interleave(
      () => result,
      () => result,
      options,
    ),
  );

  expect(error).toMatchObject({ code: "INVALID_OPTION", message: expect.stringContaining(message) as string });
});

test("a side without a result is rejected", async () => {
  const error = await rejectionOf(
    interleave(
      () => result,
      () => Promise.resolve(undefined as never),
    ),
  );

  expect(error).toMatchObject({ message: expect.stringContaining("Expected `b()` to be") as string });
});
