import { preloadHttp } from "../client/index.js";
import { checkRequest } from "../jobs/index.js";
import { buildResult } from "./run/build-result.js";
import type { LoadClients } from "./run/clients.js";
import { checkLoadTarget, requireThreadDialect, type LoadTarget } from "./run/load-target.js";
import { resolveLoadOptions, type LoadOptions, type ResolvedLoadOptions } from "./run/options.js";
import { InProcessClient } from "./run/in-process-client.js";
import { planPhases } from "./run/phase-plan.js";
import { LoadProgressFailedError, type LoadProgress } from "./run/progress.js";
import { PhaseRunner } from "./run/run-phases.js";
import { ThreadClients } from "./run/thread-clients.js";
import type { LoadResult } from "./result.js";

const HEALTH_TIMEOUT_MS = 5_000;

/**
 * Puts a defined load on a worker and measures it. The whole schedule is computed from the seed before the run. The result has one record
 * per request, every figure with its definition, and a verdict on whether the run measured the worker at all. A failing worker never makes
 * it throw.
 *
 * @throws {INVALID_OPTION} an invalid option, or `requests` threw. @throws {PROGRESS_FAILED} `onProgress` threw; the error has the result.
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
  const reporter = new ProgressReporter(resolved.onProgress);
  preloadHttp();
  await using clients = await openClients(target, resolved);
  const health = await target.health({ timeoutMs: HEALTH_TIMEOUT_MS }).catch(() => undefined);
  const runner = new PhaseRunner({ target, clients, options: resolved, report: reporter.report });
  checkRequest(runner.firstRequest, target);
  const measured = await runner.run(planPhases(resolved));
  const result = await buildResult({ options: resolved, model: target.model, health, ...measured });
  if (reporter.failure !== undefined) throw new LoadProgressFailedError(reporter.failure.cause, result);
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

/** Calls `onProgress` until it throws; the run continues without it. */
class ProgressReporter {
  readonly #callback: ResolvedLoadOptions["onProgress"];
  failure: { readonly cause: unknown } | undefined;

  constructor(callback: ResolvedLoadOptions["onProgress"]) {
    this.#callback = callback;
  }

  readonly report = (progress: LoadProgress): void => {
    if (this.failure !== undefined) return;
    try {
      this.#callback?.(progress);
    } catch (cause) {
      this.failure = { cause };
    }
  };
}
