import { isTestkitError, TestkitError, withReason } from "../errors/index.js";
import type { WorkerTestHarness } from "../harness/index.js";
import { CleanProof } from "./clean-proof.js";
import { findChange } from "./find-change.js";

/** A worker of a pool. */
export class PooledWorker {
  readonly worker: WorkerTestHarness;
  /** How many tests had it. */
  testCount = 0;
  readonly #proof: CleanProof | undefined;

  private constructor(worker: WorkerTestHarness, proof: CleanProof | undefined) {
    this.worker = worker;
    this.#proof = proof;
  }

  /** Starts one; a worker that cannot be examined is stopped. */
  static async start(start: () => Promise<WorkerTestHarness>, reuse: "never" | "clean"): Promise<PooledWorker> {
    const worker = await start();
    if (reuse === "never") return new PooledWorker(worker, undefined);
    try {
      return new PooledWorker(worker, await CleanProof.of(worker));
    } catch (error) {
      await worker.stop().catch((stopError: unknown) => {
        throw new AggregateError([error, stopError], (error as Error).message);
      });
      throw error;
    }
  }

  get hasEnded(): boolean {
    return this.worker.exitInfo !== undefined;
  }

  /** Why the next test must not have it; undefined if it may. */
  async findReasonToReplace(maxGrowthBytes: number): Promise<string | undefined> {
    return this.#proof === undefined ? '`reuse` is "never"' : this.#proof.findDifference(maxGrowthBytes);
  }

  /**
   * Writes the bundles of a test; returns failures. If the test did something to the worker, that is left to `stop()`: the bundle then says how
   * the worker ended.
   */
  async endRecordings(): Promise<Error[]> {
    if (this.#proof === undefined || findChange(this.worker) !== undefined) return [];
    return await this.worker.internals.recordings.finish({
      report: undefined,
      findings: this.worker.findings,
      failures: [],
    });
  }

  /** Whether stopping it may report something about the test that had it, other than how it shuts down. */
  get isConspicuous(): boolean {
    return findChange(this.worker) !== undefined || this.worker.internals.recordings.areOpen;
  }
}

/** An error that was seen after its test had ended. It keeps its code. */
export function nameTest(error: unknown, test: string): Error {
  const message = withReason(`The worker of ${test} failed while it was stopped after the test`, error);
  if (isTestkitError(error)) {
    const { code, hint, details, logTail } = error;
    return new TestkitError(code, { message: [message[0] ?? ""], hint, details, logTail, cause: error });
  }
  return new Error(message.join("\n"), { cause: error });
}
