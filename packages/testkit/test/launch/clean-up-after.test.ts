import { expect, test } from "vitest";
import { cleanUpAfter } from "../../src/launch/clean-up-after.js";

const failure = new Error("the start failed");

test("the failure stays what it is when the cleaning up works", async () => {
  let isClean = false;
  const cleanUp = async (): Promise<void> => {
    await Promise.resolve();
    isClean = true;
  };
  expect(await cleanUpAfter(failure, cleanUp)).toBe(failure);
  expect(isClean).toBe(true);
});

test("two failures come together, the first one leads", async () => {
  const second = new Error("a process is still alive");
  const error = await cleanUpAfter(failure, () => Promise.reject(second));
  expect(error).toBeInstanceOf(AggregateError);
  expect(error).toMatchObject({ message: "the start failed", errors: [failure, second] });
});
