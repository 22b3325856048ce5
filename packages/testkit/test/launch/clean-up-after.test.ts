import { expect, test } from "vitest";
import { cleanUpAfter } from "../../src/launch/clean-up-after.js";

const failure = new Error("the start failed");

test("the failure is unchanged if the cleanup succeeds", async () => {
  let isClean = false;
  const cleanUp = async (): Promise<void> => {
    await Promise.resolve();
    isClean = true;
  };
  expect(await cleanUpAfter(failure, cleanUp)).toBe(failure);
  expect(isClean).toBe(true);
});

test("two failures are joined, the first one leads", async () => {
  const second = new Error("a process is still alive");
  const error = await cleanUpAfter(failure, () => Promise.reject(second));
  expect(error).toBeInstanceOf(AggregateError);
  expect(error).toMatchObject({ message: "the start failed", errors: [failure, second] });
});
