import { preloadHttp } from "../client/index.js";
import { orcd } from "../dialects/index.js";
import { checkRequest } from "../jobs/index.js";
import { plural } from "../numbers/index.js";
import { buildResult } from "./run/build-result.js";
import type { ClientReport, LoadClients } from "./run/clients.js";
import { checkLoadTarget, readTokenCounter, requireThreadDialect, type LoadTarget } from "./run/load-target.js";
import { resolveLoadOptions, type LoadOptions, type ResolvedLoadOptions } from "./run/options.js";
import { InProcessClient } from "./run/in-process-client.js";
import { PhaseControl } from "./run/phase-control.js";
import { LoadProgressFailedError, ProgressState, type LoadObserver, type LoadProgress } from "./run/progress.js";
import { RequestSource } from "./run/request-source.js";
import { ThreadClients } from "./run/thread-clients.js";
import type { RequestRecord } from "./metrics/request-record.js";
import type { LoadResult, WarmupReport } from "./result.js";
import { isOpen } from "./schedule/profile.js";
import { planLoad, type LoadSchedule } from "./schedule/plan-load.js";
import type { ResolvedStop } from "./schedule/stop.js";

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
  const phase = preparePhase(resolved, { phase: "measure", stop: resolved.stop });
  checkRequest(phase.source.prepare(0), target);
  const warmup = resolved.warmup && (await runWarmup(clients, resolved, { stop: resolved.warmup, observer }));
  const before = await readTokenCounter(target);
  const startedAt = new Date().toISOString();
  const { reports, ended } = await runPrepared(clients, resolved, { ...phase, observer });
  const counters = [before, await readTokenCounter(target)] as const;
  const { schedule, source } = phase;
  const workload = source.workload.describe((target.dialect ?? orcd).name);
  const raw = {
    options: resolved,
    model: target.model,
    schedule,
    startedAt,
    health,
    counters,
    reports,
    ended,
    workload,
  };
  const result = await buildResult({ ...raw, warmup: warmup ?? null });
  if (observer.failure !== undefined) throw new LoadProgressFailedError(observer.failure, result);
  return result;
}

interface PreparedPhase {
  readonly phase: LoadProgress["phase"];
  readonly stop: ResolvedStop;
  readonly schedule: LoadSchedule;
  readonly source: RequestSource;
  readonly requestCount: number;
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

/** Creates the schedule, and all requests if their number is known, so that creating them does not delay sending. */
function preparePhase(
  { profile, requests, seed }: ResolvedLoadOptions,
  { phase, stop }: Pick<PreparedPhase, "phase" | "stop">,
): PreparedPhase {
  // The warm-up has its own arrivals, so the measured ones depend on the seed alone.
  const schedule = planLoad(profile, stop, phase === "measure" ? seed : ~seed & (2n ** 64n - 1n));
  const source = new RequestSource(requests, { seed, phase });
  const requestCount = schedule.kind === "open" ? schedule.arrivals.length : schedule.count;
  if (requestCount > 0 && requestCount < Infinity) source.prepare(requestCount - 1);
  return { phase, stop, schedule, source, requestCount };
}

async function runWarmup(
  clients: LoadClients,
  options: ResolvedLoadOptions,
  { stop, observer }: { stop: ResolvedStop; observer: LoadObserver },
): Promise<WarmupReport> {
  const startedAtMs = performance.now();
  const phase = preparePhase(options, { phase: "warmup", stop });
  const { reports } = await runPrepared(clients, options, { ...phase, observer });
  const records = reports.flatMap((report) => report.records);
  const ok = records.filter(({ status }) => status === "ok").length;
  return { attempted: records.length, ok, durationMs: Math.round(performance.now() - startedAtMs) };
}

async function runPrepared(
  clients: LoadClients,
  options: ResolvedLoadOptions,
  { phase, stop, schedule, source, requestCount, observer }: PreparedPhase & { observer: LoadObserver },
): Promise<{ reports: readonly ClientReport[]; ended: LoadResult["ended"] }> {
  const progress = new ProgressState(phase, requestCount === Infinity ? undefined : requestCount, observer);
  const control = new PhaseControl({ stop, stallTimeoutMs: options.stallTimeoutMs, signal: options.signal }, progress);
  try {
    const reports = await clients.run({ schedule, source, control, progress });
    const sentCount = reports.reduce((sum, report) => sum + report.records.length, 0);
    const ended = control.ended ?? describeEnd(options, { sentCount, requestCount });
    progress.reportNow();
    return { reports, ended };
  } finally {
    control.close();
  }
}

function describeEnd(
  { profile }: ResolvedLoadOptions,
  { sentCount, requestCount }: { sentCount: number; requestCount: number },
): LoadResult["ended"] {
  if (isOpen(profile)) return { by: "schedule", message: `all ${sentCount} requests of the schedule were sent` };
  if (sentCount >= requestCount)
    return { by: "count", message: sentCount === 1 ? "the request was sent" : `all ${sentCount} requests were sent` };
  return {
    by: "time",
    message: `${plural(sentCount, "request")} ${sentCount === 1 ? "was" : "were"} sent in the given time`,
  };
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
