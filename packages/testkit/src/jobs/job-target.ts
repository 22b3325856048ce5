import type { CancelAnswer, Health, Slots } from "inference-worker-protocol";
import { orcd, type Dialect } from "../dialects/index.js";
import { InvalidOptionError } from "../errors/index.js";
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

/** @throws {INVALID_OPTION} a dialect that cancels by disconnecting. */
export function requireCancel(what: string, { dialect = orcd }: { readonly dialect?: Dialect | undefined }): void {
  if (dialect.cancel !== undefined) return;
  throw new InvalidOptionError({
    message: `Expected a worker whose dialect can cancel by a request for ${what}, got \`${dialect.name}\`: this dialect has no cancel`,
    hint: "Its jobs are cancelled by closing the connection: use `disconnectAfter`.",
  });
}

/** @throws {INVALID_OPTION} not something that jobs can be sent to. */
export function checkTarget(target: unknown): asserts target is JobTarget {
  const { execute, health } = (target ?? {}) as Partial<JobTarget>;
  const holds = typeof execute === "function" && typeof health === "function";
  checkOption(holds, "target", { wanted: "a harness or a WorkerClient", value: target });
}
