import type { PoolFixtureOptions, RunAddress, WorkerFixtureOptions } from "../fixtures/index.js";

/** The key under which the owner of a run's workers is provided. */
export const RUN_KEY = "inferenceTestkitRun";

declare module "vitest" {
  interface ProvidedContext {
    /** Set by `inference-testkit/vitest/run`. */
    inferenceTestkitRun?: RunAddress;
    /** The worker of a project; see the fixture of this name. */
    workerOptions?: WorkerFixtureOptions;
    /** The pool of a project; see the fixture of this name. */
    workerPool?: PoolFixtureOptions;
  }
}
