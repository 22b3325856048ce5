import type { Health } from "inference-worker-protocol";
import { takeFingerprint, type GivenFacts } from "../machine.js";
import { ItlHistogram } from "../metrics/itl-histogram.js";
import { judgedFrom } from "../metrics/judged-from.js";
import { intersectGaps } from "../metrics/progress-timeline.js";
import { METRIC_DEFINITIONS } from "../metrics/registry.js";
import { listSlo } from "../metrics/slo.js";
import { summarize } from "../metrics/summarize.js";
import type { EndReason, LoadPlan, LoadResult, TokenCheck, WarmupReport } from "../result.js";
import { isOpen } from "../schedule/profile.js";
import type { LoadSchedule } from "../schedule/plan-load.js";
import { findStalls, type Stall } from "../verdict/stalls.js";
import { judgeValidity } from "../verdict/validity.js";
import type { ClientReport } from "./clients.js";
import type { CounterReading } from "./load-target.js";
import { compareTokens } from "./load-target.js";
import type { ResolvedLoadOptions } from "./options.js";
import type { Workload } from "../workload.js";
import { reportRate } from "./rate.js";

/** Everything that a run has collected. */
export interface RawRun {
  readonly options: ResolvedLoadOptions;
  readonly schedule: LoadSchedule;
  readonly startedAt: string;
  readonly ended: LoadResult["ended"];
  readonly health: Health | undefined;
  /** The model that the requests name. */
  readonly model?: string | undefined;
  /** What the requests asked for; undefined if none was made. */
  readonly workload?: Workload | undefined;
  readonly warmup: WarmupReport | null;
  readonly counters: readonly [before: CounterReading, after: CounterReading];
  readonly reports: readonly ClientReport[];
}

const PARTIAL_ENDS: readonly EndReason[] = ["error-rate", "abort", "stall", "client-lost"];

/** Builds the result from it. */
export async function buildResult(run: RawRun): Promise<LoadResult> {
  const { options, ended, reports } = run;
  const records = reports.flatMap((report) => report.records).sort((a, b) => a.index - b.index);
  const itl = await mergeItl(reports);
  const plan = describePlan(options, run.schedule);
  const facts = {
    ended,
    status: PARTIAL_ENDS.includes(ended.by) ? ("partial" as const) : ("complete" as const),
    records,
    rate: isOpen(options.profile) ? reportRate(records) : null,
    clients: reports.map((report) => report.load),
    tokenCheck: checkTokens(run, records),
    stalls: isOpen(options.profile) ? null : listStalls(run, records),
  };
  return {
    schemaVersion: 1,
    kind: "load-result",
    startedAt: run.startedAt,
    plan,
    ...(run.workload !== undefined && { workload: run.workload }),
    machine: takeFingerprint(run.health, describeGiven(run)),
    warmup: run.warmup,
    ...facts,
    ...summarize(records, { itl, slo: options.slo, judgedFrom: plan.judgedFrom }),
    validity: judgeValidity(facts, listSlo(options.slo)),
    definitions: METRIC_DEFINITIONS,
    itlHistogram: itl.encode(),
  };
}

function listStalls({ reports }: RawRun, records: LoadResult["records"]): Stall[] {
  const gaps = intersectGaps(reports.map((report) => report.gaps));
  // A client thread that was not late would have received something.
  const clientDelayMs = Math.min(...reports.map(({ load }) => load.eventLoopDelayMs.max));
  return findStalls({ records, gaps, clientDelayMs });
}

/** The caller's facts, and the model that the requests name if the server has no health endpoint. */
function describeGiven({ options, health, model }: RawRun): GivenFacts {
  return health !== undefined || model === undefined ? options.machine : { model, ...options.machine };
}

async function mergeItl(reports: readonly ClientReport[]): Promise<ItlHistogram> {
  const merged = await ItlHistogram.create();
  for (const report of reports) merged.merge(await ItlHistogram.decode(report.itl));
  return merged;
}

function describePlan(options: ResolvedLoadOptions, schedule: LoadSchedule): LoadPlan {
  const count = schedule.kind === "open" ? schedule.arrivals.length : schedule.count;
  return {
    profile: options.profile,
    stop: options.givenStop,
    warmup: options.givenWarmup ?? null,
    seed: String(options.seed),
    clientThreads: options.clientThreads,
    slo: options.slo,
    judgedFrom: judgedFrom(options.profile),
    requestCount: count === Infinity ? null : count,
  };
}

function checkTokens({ counters: [before, after] }: RawRun, records: LoadResult["records"]): TokenCheck {
  return compareTokens(records, before, after);
}
