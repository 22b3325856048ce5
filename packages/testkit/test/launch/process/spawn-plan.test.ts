import { afterEach, expect, test } from "vitest";
import { createMarkedEnv } from "../../../src/launch/process/spawn-plan.js";

afterEach(() => {
  delete process.env["INFERENCE_TESTKIT_WORKER"];
});

test("the environment is this process's, changed by the options, with the mark", () => {
  const env = createMarkedEnv({ ADDED: "1", HOME: undefined }, "token");
  expect(env).toMatchObject({ PATH: process.env["PATH"], ADDED: "1", INFERENCE_TESTKIT_WORKER: "token" });
  expect(env["HOME"]).toBeUndefined();
});

test("inside a worker, the outer mark is kept, so that the outer stop finds the inner worker", () => {
  process.env["INFERENCE_TESTKIT_WORKER"] = "outer";
  expect(createMarkedEnv({}, "inner")["INFERENCE_TESTKIT_WORKER"]).toBe("outer,inner");
});
