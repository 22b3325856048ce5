import type { Finding, FindingCode } from "../../findings/index.js";
import type { WorkerTestHarness } from "../../harness/index.js";
import {
  compareRuns,
  judgeLimits,
  runLoad,
  type LoadOptions,
  type LoadProfile,
  type LoadProgress,
  type LoadResult,
  type RequestRecord,
  type StoredLoadResult,
} from "../../load/index.js";
import { countTokens } from "../../load/metrics/request-record.js";
import { resolveLoadOptions } from "../../load/run/options.js";
import type { MemoryRecord } from "../../memory/index.js";
import { createRunReport, writeReport, type RunReport } from "../../report/index.js";
import type { ReportRequests, ReportVerdict } from "../../report/run-report.js";
import { EXIT_CODES } from "../exit-codes.js";
import { LivePage, watchPage } from "../live/live-page.js";
import { createOutput, printJson, toVisibleText } from "../../terminal/index.js";
import { NO_ERRORS } from "./checks.js";
import { chooseBounds, type RunBounds } from "./default-run.js";
import { exportRun, prepareExports } from "./export-run.js";
import { judgeFindings } from "./judge-findings.js";
import { fitRequests, type RequestFit } from "./fit-requests.js";
import type { ProfileFlags } from "./flags.js";
import { Interrupt } from "./interrupt.js";
import { printReport, toDocument, toExitCode } from "./print-report.js";
import { ProfileRequests, takesMessages } from "./make-requests.js";
import { chooseRounds, listMissingVerdicts, ProfileMemory } from "./profile-memory.js";
import { describeProgress, ProgressLine, shareOf } from "./progress-line.js";
import { readProvenance, type Provenance } from "./provenance.js";
import { readRuns } from "./read-files.js";
import { ReportFolder } from "./report-folder.js";
import { checkNamesWorker, startWorker, type StartedWorker } from "./start-worker.js";
import { WorkerEnding } from "./worker-ending.js";
import type { WorkloadOptions } from "../../requests/workload/index.js";
import { chooseWorkload, describeWorkload, listWorkloadNotes } from "./workload.js";

/** Practically every request fails: the rest of the run would measure nothing. */
const HOPELESS_ERROR_RATE = 0.99;

/** The inputs that are known before the worker runs. */
interface Plan {
  readonly options: LoadOptions;
  readonly workload: WorkloadOptions | undefined;
  readonly bounds: RunBounds;
  /** What is said before the run. */
  readonly notes: readonly string[];
  readonly signal: AbortSignal;
  readonly baseline: [StoredLoadResult, ...StoredLoadResult[]] | undefined;
}

/**
 * Runs the load on the selected worker, judges it, and writes the report.
 *
 * @returns the exit code for the status of the report.
 * @throws {INVALID_OPTION} and whatever starting the worker throws.
 */
export async function runProfile(flags: ProfileFlags): Promise<number> {
  const progress = createOutput(process.stderr);
  const output = createOutput(process.stdout, flags.json);
  using interrupt = new Interrupt((name) => {
    progress.line(); // the progress line is open
    progress.line(`${name}: ending the run; press Ctrl-C again to end the program`);
  });
  checkNamesWorker(flags);
  const plan = await makePlan(flags, interrupt.signal);
  await using folder = await ReportFolder.open(flags.out);
  if (folder.hasReport) progress.line(`replacing the earlier report in ${folder.path}`);
  const started = await startUnlessInterrupted(flags, interrupt);
  if (started === undefined)
    return endWithoutRun(`interrupted by ${String(interrupt.name)} before the worker was ready`, flags);
  const server = describeServer(started.worker);
  if (server !== undefined) progress.line(server);
  for (const note of plan.notes) progress.line(note);
  const fit = await fitRequests(started.worker, flags.ignoreEos, interrupt.signal);
  const provenance = await readProvenance(started.worker, flags.stubConfig);
  await using page = flags.ui === true ? await openPage(plan, flags, interrupt) : undefined;
  if (page !== undefined) progress.line(`watch the run: ${page.url}`);
  const parts = await measure(started, { flags, plan, fit, provenance, page });
  const report = createReport(parts, { flags, plan, fit, provenance, started, interrupt });
  const written = await writeReport(report, folder.path);
  await page?.end(report);
  printReport(report, output);
  output.line(`report: ${written.files["report.html"]}`);
  await exportRun(report, flags.export, output);
  if (flags.json === true) printJson(toDocument(report, written));
  return toExitCode(report.status);
}

async function startUnlessInterrupted(flags: ProfileFlags, interrupt: Interrupt): Promise<StartedWorker | undefined> {
  try {
    return await startWorker(flags, interrupt.signal);
  } catch (error) {
    if (interrupt.name === undefined) throw error;
    return undefined; // nothing was measured
  }
}

/** What was found out about the server; undefined if the caller knew it all. */
function describeServer({ dialect, recognizedBy, model }: WorkerTestHarness): string | undefined {
  if (recognizedBy === undefined && model === undefined) return undefined;
  const known = recognizedBy === undefined ? "" : ` (${recognizedBy})`;
  return `dialect: ${dialect.name}${known}${model === undefined ? "" : `; model: ${model}`}`;
}

function endWithoutRun(reason: string, { title, json }: ProfileFlags): number {
  const report = createRunReport({ title, partialReason: reason });
  const output = createOutput(process.stdout, json);
  printReport(report, output);
  output.line("no report was written");
  if (json === true) printJson(toDocument(report, undefined));
  return EXIT_CODES.inconclusive;
}

/** The page of the run, whose stop button ends it as Ctrl-C does. */
function openPage({ options }: Plan, { title, limits }: ProfileFlags, interrupt: Interrupt): Promise<LivePage> {
  const { profile, stop, warmup, seed, slo, clientThreads } = options;
  const plan = {
    kind: "run",
    title: title ?? "Run under way",
    startedAt: new Date().toISOString(),
    options: { profile, stop, warmup, seed, slo, clientThreads },
    limits: (limits ?? NO_ERRORS).limits,
  } as const;
  return LivePage.open(plan, watchPage(interrupt));
}

interface Setup {
  readonly flags: ProfileFlags;
  readonly plan: Plan;
  readonly fit: RequestFit;
  readonly provenance: Provenance;
  readonly page: LivePage | undefined;
}

/** Reads and checks everything before a worker is started. */
async function makePlan(flags: ProfileFlags, signal: AbortSignal): Promise<Plan> {
  const { seed, clientThreads, keepText, limits } = flags;
  const profile = chooseProfile(flags);
  const bounds = chooseBounds(flags, profile);
  const workload = chooseWorkload(flags);
  const options: LoadOptions = {
    profile,
    requests: new ProfileRequests({ flags, workload }).make,
    rounds: chooseRounds(flags, profile, bounds),
    stop: { ...bounds.stop, errorRate: HOPELESS_ERROR_RATE },
    warmup: bounds.warmup,
    slo: limits?.slo,
    ...{ seed, clientThreads, keepText, signal },
  };
  resolveLoadOptions(options); // for example a run without a bound
  await prepareExports(flags.export);
  const baseline = flags.baseline === undefined ? undefined : await readRuns("--baseline", flags.baseline);
  const notes = [...(bounds.note === undefined ? [] : [bounds.note]), ...listWorkloadNotes(flags, bounds.stop.count)];
  return { options, workload, bounds, notes, baseline, signal };
}

function chooseProfile({ rate, concurrency, sweep, sweepRate, profile }: ProfileFlags): LoadProfile {
  if (profile !== undefined) return profile;
  if (sweep !== undefined) return { kind: "concurrency-sweep", clients: sweep };
  if (sweepRate !== undefined) return { kind: "rate-sweep", ratesPerSec: sweepRate };
  if (rate !== undefined) return { kind: "constant", ratePerSec: rate };
  return concurrency === undefined ? { kind: "serial" } : { kind: "concurrency", clients: concurrency };
}

/** Everything that a run has shown. */
interface Measured {
  readonly load: LoadResult;
  readonly memory: MemoryRecord | undefined;
  readonly requests: ProfileRequests;
  readonly verdicts: readonly ReportVerdict[];
}

/**
 * Runs the load. Memory is watched from before the load until the worker has stopped. A worker that ended by itself or could not be stopped is
 * a failed verdict: the measurements are reported nevertheless.
 */
async function measure(started: StartedWorker, setup: Setup): Promise<Measured> {
  const { worker } = started;
  await using ending = new WorkerEnding(worker);
  const { flags, plan, fit } = setup;
  const means = { signal: plan.signal, problems: createOutput(process.stderr) };
  await using memory = await ProfileMemory.open(worker, flags, means);
  memory?.begin();
  const requests = new ProfileRequests({ flags, workload: plan.workload }, { fit, dialect: worker.dialect });
  const onIdle = plan.options.rounds === 1 ? undefined : memory?.sampleIdle;
  const load = await loadWorker(worker, setup, { requests: requests.make, onIdle });
  memory?.end();
  const ended = await ending.stop();
  printAllowed(worker.findings, flags.allow);
  const record = await memory?.stop();
  const missing = listMissingVerdicts(flags, record, load.records.length);
  const verdicts = [...ended, ...judgeFindings(worker.findings, flags.allow), ...missing];
  return { load, memory: record, requests, verdicts };
}

/** The others are verdicts. */
function printAllowed(findings: readonly Finding[], allow: readonly FindingCode[]): void {
  const output = createOutput(process.stderr);
  for (const { code, message } of findings.filter((finding) => allow.includes(finding.code))) {
    output.line(`finding ${code}: ${toVisibleText(message)}`);
  }
}

async function loadWorker(
  worker: WorkerTestHarness,
  { plan, provenance, page }: Setup,
  options: Pick<LoadOptions, "requests" | "onIdle">,
): Promise<LoadResult> {
  const { stop, warmup } = plan.bounds;
  const durations = { measure: stop.durationMs, warmup: warmup?.durationMs };
  const line = new ProgressLine(createOutput(process.stderr), durations);
  const onProgress = (news: LoadProgress): void => {
    line.update(news);
    page?.add({ progress: { share: shareOf(news, durations), text: describeProgress(news) } });
  };
  const onRecord = page && ((record: RequestRecord) => page.add({ records: [record] }));
  try {
    const { machine } = provenance;
    return await runLoad(worker, { ...plan.options, ...options, machine, onProgress, onRecord });
  } finally {
    line.end();
  }
}

function createReport(
  { load, memory, requests, verdicts }: Measured,
  {
    flags,
    plan,
    fit,
    provenance,
    started,
    interrupt,
  }: Omit<Setup, "page"> & { started: StartedWorker; interrupt: Interrupt },
): RunReport {
  const { worker, command } = started;
  const { baseline } = plan;
  const outcome =
    baseline && compareRuns(baseline, load, { tolerance: flags.tolerance, errorTolerance: flags.errorTolerance });
  return createRunReport({
    title: flags.title,
    load,
    limits: judgeLimits(load, (flags.limits ?? NO_ERRORS).limits),
    memory,
    verdicts,
    worker: {
      workerId: worker.workerId,
      baseUrl: worker.baseUrl,
      command,
      pid: worker.pid ?? null,
      readyAfterMs: worker.readyAfterMs ?? null,
    },
    provenance: provenance.report,
    requests: describeRequests(load, { worker, flags, fit, plan, requests }),
    ...(baseline !== undefined && outcome !== undefined && { comparison: { outcome, baseline } }),
    ...(interrupt.name !== undefined && { partialReason: `interrupted by ${interrupt.name}: ${load.ended.message}` }),
  });
}

function describeRequests(
  { records }: LoadResult,
  {
    worker,
    flags,
    fit,
    plan,
    requests,
  }: Pick<StartedWorker, "worker"> & Pick<Setup, "flags" | "fit" | "plan"> & Pick<Measured, "requests">,
): ReportRequests {
  const ok = records.filter(({ status }) => status === "ok");
  const { workload } = plan;
  const maxTokens = workload === undefined ? flags.maxTokens : requests.mostTokens;
  return {
    dialect: worker.dialect.name,
    recognizedBy: worker.recognizedBy ?? null,
    model: worker.model ?? null,
    maxTokens,
    ...(workload !== undefined && { workload: describeWorkload(workload, flags, takesMessages(worker.dialect)) }),
    ignoreEos: fit.ignoreEos,
    okCount: ok.length,
    fullLengthCount: ok.filter((record) => countTokens(record).count === requests.maxTokensOf(record.jobId)).length,
  };
}
