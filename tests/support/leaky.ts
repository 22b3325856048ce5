import { WorkerTestHarness } from "inference-testkit";
import { foreignWorker, supportFile } from "./foreign.js";

/** Starts `workers/leaky-worker.mjs`; the mode says what its memory does. */
export function startLeaky(mode: string): Promise<WorkerTestHarness> {
  const args = [supportFile("workers/leaky-worker.mjs"), "{port}", "{workerId}", mode];
  return WorkerTestHarness.launch(foreignWorker({ args }));
}
