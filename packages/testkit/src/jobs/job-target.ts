import type { CancelAnswer, Health } from "inference-worker-protocol";
import { dropDefaultSeed, type Dialect, type Slots } from "../dialects/index.js";
import { isTestkitError } from "../errors/index.js";
import { checkOption } from "../options/index.js";
import type { CallOptions, ExecuteBody, ExecuteOptions, ExecuteResponse } from "../client/index.js";

/**
 * The recipient of jobs: a `WorkerTestHarness` or a `WorkerClient`, so jobs can also run through a proxy or against a worker that
 * was not started here.
 *
 * @example await executeAll(new WorkerClient({ baseUrl: "http://127.0.0.1:8080" }), requests);
 */
export interface JobTarget {
  /** The dialect of the worker. @default this project's own protocol */
  readonly dialect?: Dialect | undefined;
  execute(request: ExecuteBody, options?: ExecuteOptions): Promise<ExecuteResponse>;
  cancel(jobId: string, options?: CallOptions): Promise<CancelAnswer>;
  health(options?: CallOptions): Promise<Health>;
  /** Called by `waitForIdle()`. Without it, `health()` is called, and all of its fields are needed. */
  slots?(options?: CallOptions): Promise<Slots>;
}

/** @throws {INVALID_OPTION} a request has a field that the dialect cannot carry. Nothing is sent. */
export function checkRequest(request: ExecuteBody, { dialect }: Pick<JobTarget, "dialect">): void {
  try {
    dialect?.encodeRequest(dropDefaultSeed(request, dialect), {});
  } catch (error) {
    if (isTestkitError(error, "INVALID_OPTION")) throw error; // anything else is what became of the job
  }
}

/** @throws {INVALID_OPTION} not something that jobs can be sent to. */
export function checkTarget(target: unknown): asserts target is JobTarget {
  const { execute, health } = (target ?? {}) as Partial<JobTarget>;
  const holds = typeof execute === "function" && typeof health === "function";
  checkOption(holds, "target", { wanted: "a harness or a WorkerClient", value: target });
}
