import type { Health } from "inference-worker-protocol";
import { takeFingerprint } from "../machine.js";
import { METRIC_DEFINITIONS } from "../metrics/definitions.js";
import { GapHistogram } from "../metrics/gap-histogram.js";
import { listRequestLimits } from "../metrics/request-limits.js";
import { summarize } from "../metrics/summarize.js";
import type { EndReason, LoadPlan, LoadResult, TokenCheck, WarmupReport } from "../result.js";
import { isOpen } from "../schedule/profile.js";
import type { LoadSchedule } from "../schedule/plan-load.js";
import { judgeValidity } from "../verdict/validity.js";
import type { ClientReport } from "./clients.js";
import type { CounterReading } from "./load-target.js";
import { compareTokens } from "./load-target.js";
import type { ResolvedLoadOptions } from "./options.js";
import { reportRate } from "./rate.js";

/** Everything that a run has brought together. */
export interface RawRun {
  readonly options: ResolvedLoadOptions;
  readonly schedule: LoadSchedule;
  readonly startedAt: string;
  readonly ended: LoadResult["ended"];
  readonly health: Health | undefined;
  readonly warmup: WarmupReport | null;
  readonly counters: readonly [before: CounterReading, after: CounterReading];
  readonly reports: readonly ClientReport[];
}

const PARTIAL_ENDS: readonly EndReason[] = ["error-rate", "abort", "stall", "client-lost"];

/** Makes the result out of it. */
export async function buildResult(run: RawRun): Promise<LoadResult> {
  const { options, ended, reports } = run;
  const records = reports.flatMap((report) => report.records).sort((a, b) => a.index - b.index);
  const gaps = await mergeGaps(reports);
  const plan = describePlan(options, run.schedule);
  const facts = {
    ended,
    status: PARTIAL_ENDS.includes(ended.by) ? ("partial" as const) : ("complete" as const),
    records,
    rate: isOpen(options.profile) ? reportRate(records) : null,
    clients: reports.map((report) => report.load),
    tokenCheck: checkTokens(run, records),
  };
  return {
    schemaVersion: 1,
    kind: "load-result",
    startedAt: run.startedAt,
    plan,
    machine: takeFingerprint(run.health, options.machine),
    warmup: run.warmup,
    ...facts,
    ...summarize(records, { gaps, limits: options.limits, judgedFrom: plan.judgedFrom }),
    validity: judgeValidity(facts, listRequestLimits(options.limits)),
    definitions: METRIC_DEFINITIONS,
    gapHistogram: gaps.encode(),
  };
}

async function mergeGaps(reports: readonly ClientReport[]): Promise<GapHistogram> {
  const merged = await GapHistogram.create();
  for (const report of reports) merged.merge(await GapHistogram.decode(report.gaps));
  return merged;
}

function describePlan(options: ResolvedLoadOptions, schedule: LoadSchedule): LoadPlan {
  const count = schedule.kind === "open" ? schedule.arrivals.length : schedule.count;
  return {
    profile: options.profile,
    stop: options.givenStop,
    warmup: options.givenWarmup ?? null,
    seed: String(options.seed),
    workers: options.workers,
    limits: options.limits,
    judgedFrom: isOpen(options.profile) ? "schedule" : "send",
    requestCount: count === Infinity ? null : count,
  };
}

function checkTokens({ counters: [before, after] }: RawRun, records: LoadResult["records"]): TokenCheck {
  return compareTokens(records, before, after);
}
