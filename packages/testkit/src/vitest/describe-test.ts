import type { TestContext } from "vitest";
import type { SessionTest } from "../fixtures/index.js";

type Task = TestContext["task"];

/** What Vitest knows about a test. Its clock starts with the fixtures of the test, or after `beforeEach` hooks if one of them uses the worker. */
export function describeTest(task: Task): SessionTest {
  let startedAtMs: number | undefined;
  return {
    name: task.fullName,
    id: task.id,
    limit: () => {
      if (task.result?.hooks?.beforeEach === "run") return undefined;
      startedAtMs ??= performance.now();
      return { runner: "Vitest", limitMs: task.timeout, startedAtMs };
    },
  };
}
