import type { CancelAnswer, Health } from "inference-worker-protocol";
import type { Slots } from "../dialects/index.js";
import type { Dialect } from "../dialects/index.js";
import { checkOption } from "../options/index.js";
import type { CallOptions, ExecuteBody, ExecuteOptions, ExecuteResponse } from "../client/index.js";

/**
 * What jobs are sent to: a `WorkerTestHarness` or a `WorkerClient`. Jobs can therefore also run through a proxy, or against a worker
 * that was not started here.
 *
 * @example await executeAll(new WorkerClient({ baseUrl: "http://127.0.0.1:8080" }), requests);
 */
export interface JobTarget {
  /** What the worker speaks. @default this project's own protocol */
  readonly dialect?: Dialect | undefined;
  execute(request: ExecuteBody, options?: ExecuteOptions): Promise<ExecuteResponse>;
  cancel(jobId: string, options?: CallOptions): Promise<CancelAnswer>;
  health(options?: CallOptions): Promise<Health>;
  /** What `waitForIdle()` calls. Without it, it calls `health()`, and so needs all of its fields. */
  slots?(options?: CallOptions): Promise<Slots>;
}

/** @throws {INVALID_OPTION} not something that jobs can be sent to. */
export function checkTarget(target: unknown): asserts target is JobTarget {
  const { execute, health } = (target ?? {}) as Partial<JobTarget>;
  const holds = typeof execute === "function" && typeof health === "function";
  checkOption(holds, "target", { wanted: "a harness or a WorkerClient", value: target });
}
