import { preloadHttp } from "../client/index.js";
import { orcd } from "../dialects/index.js";
import { checkRequest } from "../jobs/index.js";
import { buildResult } from "./run/build-result.js";
import type { LoadClients } from "./run/clients.js";
import { checkLoadTarget, requireThreadDialect, type LoadTarget } from "./run/load-target.js";
import { resolveLoadOptions, type LoadOptions, type ResolvedLoadOptions } from "./run/options.js";
import { InProcessClient } from "./run/in-process-client.js";
import { planPhases } from "./run/phase-plan.js";
import { LoadProgressFailedError, type LoadObserver, type LoadProgress } from "./run/progress.js";
import { PhaseRunner } from "./run/run-phases.js";
import { ThreadClients } from "./run/thread-clients.js";
import type { RequestRecord } from "./metrics/request-record.js";
import type { LoadResult } from "./result.js";

const HEALTH_TIMEOUT_MS = 5_000;

/**
 * Puts a defined load on a worker and measures it. The whole schedule is computed from the seed before the run. The result has one record
 * per request, every figure with its definition, and a verdict on whether the run measured the worker at all. A failing worker never makes
 * it throw.
 *
 * @throws {INVALID_OPTION} an invalid option, or `requests` threw. @throws {PROGRESS_FAILED} `onProgress` or `onRecord` threw; the error has the result.
 * @example
 * const result = await runLoad(worker, {
 *   profile: { kind: "poisson", ratePerSec: 20 },
 *   requests: (index) => makeTestRequest(`job-${index}`, "Write a story", 50),
 *   stop: { durationMs: 30_000 },
 *   warmup: { count: 10 },
 * });
 * assertMeets(result, { ttft: { p95: 200 }, errors: 0 });
 */
export async function runLoad(target: LoadTarget, options: LoadOptions): Promise<LoadResult> {
  checkLoadTarget(target);
  const resolved = resolveLoadOptions(options);
  const observer = new CallerObserver(resolved);
  preloadHttp();
  await using clients = await openClients(target, resolved);
  const health = await target.health({ timeoutMs: HEALTH_TIMEOUT_MS }).catch(() => undefined);
  const runner = new PhaseRunner({ target, clients, options: resolved, observer });
  checkRequest(runner.firstRequest, target);
  const measured = await runner.run(planPhases(resolved));
  const workload = runner.workload.describe((target.dialect ?? orcd).name);
  const result = await buildResult({ options: resolved, model: target.model, health, workload, ...measured });
  if (observer.failure !== undefined) throw new LoadProgressFailedError(observer.failure, result);
  return result;
}

function openClients(
  target: LoadTarget,
  { clientThreads, timeouts }: ResolvedLoadOptions,
): Promise<LoadClients> | LoadClients {
  if (clientThreads === 1) return new InProcessClient(target, timeouts);
  const { baseUrl, model } = target;
  const spoken = { model, dialect: requireThreadDialect(target), headers: target.headers?.reveal() };
  return ThreadClients.open({ baseUrl, ...spoken, timeouts, count: clientThreads });
}

/** Calls `onProgress` and `onRecord` until one throws; the run continues without them. */
class CallerObserver implements LoadObserver {
  readonly #callbacks: Pick<ResolvedLoadOptions, "onProgress" | "onRecord">;
  failure: { readonly name: "onProgress" | "onRecord"; readonly cause: unknown } | undefined;

  constructor(callbacks: Pick<ResolvedLoadOptions, "onProgress" | "onRecord">) {
    this.#callbacks = callbacks;
  }

  readonly report = (progress: LoadProgress): void => {
    this.#call("onProgress", () => this.#callbacks.onProgress?.(progress));
  };

  readonly record = (record: RequestRecord): void => {
    this.#call("onRecord", () => this.#callbacks.onRecord?.(record));
  };

  #call(name: "onProgress" | "onRecord", callback: () => void): void {
    if (this.failure !== undefined) return;
    try {
      callback();
    } catch (cause) {
      this.failure = { name, cause };
    }
  }
}
