import type { TestProject } from "vitest/node";
import { RunOwner } from "../fixtures/index.js";
import { RUN_KEY } from "./provided.js";

/**
 * For `globalSetup: ["inference-testkit/vitest/run"]`: owns the workers of tests with `workerPool: { scope: "run" }`, in Vitest's main
 * process. Nothing is started before a test asks for it. The run fails with what a worker did after its test had ended.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const owner = await RunOwner.start();
  project.provide(RUN_KEY, owner.address);
  return () => owner.close();
}
