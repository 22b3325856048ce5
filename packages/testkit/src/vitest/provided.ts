import type {
  EvidenceFixtureOptions,
  PoolFixtureOptions,
  RunAddress,
  WorkerAccount,
  WorkerFixtureOptions,
} from "../fixtures/index.js";

/** The key under which the owner of a run's workers is provided. */
export const RUN_KEY = "inferenceTestkitRun";

/** The key under which the reporter provides what is recorded unless a test says otherwise. */
export const EVIDENCE_KEY = "inferenceTestkitEvidence";

declare module "vitest" {
  interface TaskMeta {
    /** The workers of the fixtures of a test, for `inference-testkit/vitest/reporter`. */
    inferenceTestkit?: { workers: WorkerAccount[] };
  }

  interface ProvidedContext {
    /** Set by `inference-testkit/vitest/run`. */
    inferenceTestkitRun?: RunAddress;
    /** Set by `inference-testkit/vitest/reporter`. */
    inferenceTestkitEvidence?: EvidenceFixtureOptions;
    /** The worker of a project; see the fixture of this name. */
    workerOptions?: WorkerFixtureOptions;
    /** The pool of a project; see the fixture of this name. */
    workerPool?: PoolFixtureOptions;
  }
}
