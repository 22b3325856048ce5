import type { LoadResult, WarmupReport } from "../result.js";
import { listStepWindows } from "../response/step-windows.js";
import { listPhases } from "../schedule/profile.js";
import { planLoad, type LoadSchedule } from "../schedule/plan-load.js";
import type { ResolvedStop } from "../schedule/stop.js";
import { isPartialEnd } from "../partial-ends.js";
import type { PhaseReport } from "./join-phases.js";
import type { ClientReport, LoadClients } from "./clients.js";
import { describeEnd } from "./describe-end.js";
import { KEPT_LENGTHS } from "./kept-texts.js";
import { readTokenCounter, type LoadTarget } from "./load-target.js";
import type { ResolvedLoadOptions } from "./options.js";
import { PhaseControl } from "./phase-control.js";
import type { PhasePlan } from "./phase-plan.js";
import { ProgressState, type LoadObserver, type LoadProgress } from "./progress.js";
import { RunRecords } from "./run-records.js";
import { RequestSource, type PhaseSource } from "./request-source.js";

/** What phases are run with. */
export interface PhaseMeans {
  readonly target: LoadTarget;
  readonly clients: LoadClients;
  readonly options: ResolvedLoadOptions;
  readonly observer: LoadObserver;
}

/** Everything that the phases of a run have collected. */
export interface RunPhases {
  readonly phases: readonly PhaseReport[];
  readonly warmup: WarmupReport | null;
  readonly ended: LoadResult["ended"];
  /** When the first measured phase began, ISO 8601. */
  readonly startedAt: string;
}

type PhaseName = LoadProgress["phase"];

interface Prepared extends Pick<PhasePlan, "stop" | "progress"> {
  readonly name: PhaseName;
  readonly schedule: LoadSchedule;
  readonly source: PhaseSource;
  readonly stepStartsMs: readonly number[];
  /** Infinity if only the time ends it. */
  readonly requestCount: number;
}

interface Measured {
  readonly reports: readonly ClientReport[];
  readonly ended: LoadResult["ended"];
}

/** Runs the phases of a run one after the other, each after its warm-up, until one is cut short. */
export class PhaseRunner {
  readonly #means: PhaseMeans;
  #sentCount = 0;
  #phaseCount = 1;
  readonly #records: RunRecords;
  readonly #sources: Readonly<Record<PhaseName, RequestSource>>;

  constructor(means: PhaseMeans) {
    this.#means = means;
    const { requests, seed, profile } = means.options;
    this.#records = new RunRecords(means.observer, listPhases(profile).length > 1);
    const create = (phase: PhaseName): RequestSource => new RequestSource(requests, { seed, phase });
    this.#sources = { warmup: create("warmup"), measure: create("measure") };
  }

  /** What the measured requests ask for, as far as they were made. */
  get workload() {
    return this.#sources.measure.workload;
  }

  /** The first request that will be measured. */
  get firstRequest() {
    return this.#sources.measure.prepare(0);
  }

  /** @param plans at least one. */
  async run(plans: readonly PhasePlan[]): Promise<RunPhases> {
    this.#phaseCount = plans.length;
    const [phases, warmups]: [PhaseReport[], WarmupReport[]] = [[], []];
    let [startedAt, ended]: [string | undefined, LoadResult["ended"] | undefined] = [undefined, undefined];
    for (const plan of plans) {
      const prepared = this.#prepare("measure", plan, plan.stop);
      if (plan.warmup !== undefined) warmups.push(await this.#warmUp(plan, plan.warmup));
      const before = await readTokenCounter(this.#means.target);
      startedAt ??= new Date().toISOString();
      this.#records.begin(plan.step);
      const { reports, ended: end } = await this.#measure(prepared);
      const counters = [before, await readTokenCounter(this.#means.target)] as const;
      phases.push({ step: plan.step, requestCount: prepared.requestCount, reports, counters });
      ended = end;
      if (isPartialEnd(end.by)) break;
      await this.#means.options.onIdle?.(this.#sentCount);
    }
    return {
      phases,
      warmup: joinWarmups(warmups),
      ended: describeAll(phases, ended as LoadResult["ended"]),
      startedAt: startedAt as string,
    };
  }

  async #warmUp(plan: PhasePlan, stop: ResolvedStop): Promise<WarmupReport> {
    const startedAtMs = performance.now();
    const { reports } = await this.#measure(this.#prepare("warmup", plan, stop));
    const records = reports.flatMap((report) => report.records);
    const ok = records.filter(({ status }) => status === "ok").length;
    const report = { attempted: records.length, ok, durationMs: Math.round(performance.now() - startedAtMs) };
    await this.#means.options.onIdle?.(this.#sentCount);
    return report;
  }

  /** Creates the schedule, and all requests if their number is known, so that creating them does not delay sending. */
  #prepare(name: PhaseName, { profile, seed, progress }: PhasePlan, stop: ResolvedStop): Prepared {
    // The warm-up has its own arrivals, so the measured ones depend on the seed alone.
    const schedule = planLoad(profile, stop, name === "measure" ? seed : ~seed & (2n ** 64n - 1n));
    const source = this.#sources[name].rest();
    const count = schedule.kind === "open" ? schedule.arrivals.length : schedule.count;
    const isKnown = count < Infinity;
    const stepStartsMs = listStepWindows(profile, stop).map(({ fromMs }) => fromMs);
    const requestCount = isKnown ? countRequests(source, count) : Infinity;
    return { name, stop, schedule, source, stepStartsMs, requestCount, progress };
  }

  async #measure({
    name,
    stop,
    schedule,
    source,
    stepStartsMs,
    requestCount,
    progress: step,
  }: Prepared): Promise<Measured> {
    const { clients, options } = this.#means;
    const planned = requestCount === Infinity ? undefined : requestCount;
    const progress = new ProgressState(name, planned, this.#records.observer, step);
    const control = new PhaseControl(
      { stop, stallTimeoutMs: options.stallTimeoutMs, signal: options.signal },
      progress,
    );
    try {
      const isKept = name === "measure" && options.keepText;
      const keptLength = isKept ? Math.floor(KEPT_LENGTHS.whole / this.#phaseCount) : undefined;
      const reports = await clients.run({ schedule, source, stepStartsMs, control, progress, keptLength });
      this.#sentCount += reports.reduce((sum, { records }) => sum + records.length, 0);
      const ended = control.ended ?? describeEnd(options.profile, { reports, requestCount });
      progress.reportNow();
      return { reports, ended };
    } finally {
      control.close();
    }
  }
}

/** Prepares them all. */
function countRequests(source: PhaseSource, count: number): number {
  let sum = count;
  for (let index = 0; index < count; index += 1) sum += source.followUpsOf(index).length;
  return sum;
}

function joinWarmups(warmups: readonly WarmupReport[]): WarmupReport | null {
  const [first, ...others] = warmups;
  if (first === undefined) return null;
  return others.reduce((sum, one) => {
    return {
      attempted: sum.attempted + one.attempted,
      ok: sum.ok + one.ok,
      durationMs: sum.durationMs + one.durationMs,
    };
  }, first);
}

/** How the last phase ended, in terms of the whole run. */
function describeAll(phases: readonly PhaseReport[], ended: LoadResult["ended"]): LoadResult["ended"] {
  if (phases.length === 1 || isPartialEnd(ended.by)) return ended;
  const sent = phases.flatMap(({ reports }) => reports).reduce((sum, { records }) => sum + records.length, 0);
  return { by: ended.by, message: `all ${phases.length} phases ended: ${sent} requests were sent` };
}
