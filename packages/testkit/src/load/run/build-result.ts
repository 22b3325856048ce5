import type { Health } from "inference-worker-protocol";
import { takeFingerprint, type GivenFacts } from "../machine.js";
import { ItlHistogram } from "../metrics/itl-histogram.js";
import { judgedFrom } from "../metrics/judged-from.js";
import { METRIC_DEFINITIONS } from "../metrics/registry.js";
import { listSlo } from "../metrics/slo.js";
import { summarize } from "../metrics/summarize.js";
import { isPartialEnd } from "../partial-ends.js";
import { describeResponse } from "../response/describe-response.js";
import type { LoadPlan, LoadResult, WarmupReport } from "../result.js";
import { judgeValidity } from "../verdict/validity.js";
import { joinPhases, type PhaseReport } from "./join-phases.js";
import { compareTokens } from "./load-target.js";
import type { ResolvedLoadOptions } from "./options.js";
import type { Workload } from "../workload.js";

/** Everything that a run has collected. */
export interface RawRun {
  readonly options: ResolvedLoadOptions;
  readonly startedAt: string;
  readonly ended: LoadResult["ended"];
  readonly health: Health | undefined;
  /** The model that the requests name. */
  readonly model?: string | undefined;
  /** What the requests asked for; undefined if none was made. */
  readonly workload?: Workload | undefined;
  readonly warmup: WarmupReport | null;
  /** At least one. */
  readonly phases: readonly PhaseReport[];
}

/** Builds the result from it. */
export async function buildResult(run: RawRun): Promise<LoadResult> {
  const { options, ended, phases } = run;
  const { records, counters, ...joined } = joinPhases(phases, options.profile);
  const itl = await mergeItl(run);
  const plan = describePlan(run);
  const rules = { slo: options.slo, judgedFrom: plan.judgedFrom };
  const facts = {
    ended,
    status: isPartialEnd(ended.by) ? ("partial" as const) : ("complete" as const),
    records,
    rate: joined.rate,
    clients: joined.clients,
    tokenCheck: compareTokens(records, ...counters),
    stalls: joined.stalls,
  };
  const { profile, stop } = options;
  const response = await describeResponse({ profile, stop, phases: joined.phases, ...rules });
  return {
    schemaVersion: 1,
    kind: "load-result",
    startedAt: run.startedAt,
    plan,
    ...(run.workload !== undefined && { workload: run.workload }),
    machine: takeFingerprint(run.health, describeGiven(run)),
    warmup: run.warmup,
    ...facts,
    ...summarize(records, { itl, ...rules }),
    validity: judgeValidity(facts, listSlo(options.slo)),
    ...(response !== undefined && { response }),
    definitions: METRIC_DEFINITIONS,
    itlHistogram: itl.encode(),
    ...(joined.texts !== undefined && { texts: joined.texts }),
  };
}

/** The caller's facts, and the model that the requests name if the server has no health endpoint. */
function describeGiven({ options, health, model }: RawRun): GivenFacts {
  return health !== undefined || model === undefined ? options.machine : { model, ...options.machine };
}

async function mergeItl({ phases }: RawRun): Promise<ItlHistogram> {
  const merged = await ItlHistogram.create();
  for (const { itl } of phases.flatMap(({ reports }) => reports)) merged.merge(await ItlHistogram.decode(itl));
  return merged;
}

function describePlan({ options, phases }: RawRun): LoadPlan {
  const count = phases.reduce((sum, { requestCount }) => sum + requestCount, 0);
  return {
    profile: options.profile,
    stop: options.givenStop,
    warmup: options.givenWarmup ?? null,
    ...(options.rounds > 1 && { rounds: options.rounds }),
    seed: String(options.seed),
    clientThreads: options.clientThreads,
    slo: options.slo,
    judgedFrom: judgedFrom(options.profile),
    requestCount: count === Infinity ? null : count,
  };
}
