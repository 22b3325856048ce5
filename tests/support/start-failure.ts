import { TestkitError, type WorkerTestHarness } from "inference-testkit";
import { rejectionOf } from "./conditions.js";

/** Starts what must fail to start. */
export async function startFailure(start: Promise<WorkerTestHarness>): Promise<TestkitError> {
  const error = await rejectionOf(start.then((worker) => worker.stop()));
  if (error instanceof TestkitError) return error;
  throw error;
}
