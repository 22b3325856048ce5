import { LEVELS, type Level } from "../areas.js";
import { CATALOGUE } from "../catalogue.js";
import type { Check } from "../check.js";
import { readProfile, type ConformanceProfile } from "../profile.js";
import { compareConformance } from "../report/compare-reports.js";
import type { CheckResult, ConformanceReport, Restart } from "../report/conformance-report.js";
import { createConformanceReport } from "../report/create-report.js";
import { ServerKeeper } from "../server/server-keeper.js";
import type { ServerSource } from "../server/server-source.js";
import { dialectOption } from "../../dialects/index.js";
import {
  abortSignal,
  callback,
  checkedBy,
  custom,
  defineOptions,
  durationMs,
  integer,
  isRecord,
  listOf,
  oneOf,
  positive,
  recordOf,
  resolveOptions,
  text,
  withDefault,
  type OptionsOf,
  type ResolvedOptionsOf,
} from "../../options/index.js";
import { runCheck } from "./run-check.js";
import { runAll } from "./schedule.js";
import { checkIds, selectChecks } from "./select-checks.js";

const MOST_CONCURRENCY = 4;
const FILLED = text({ filled: true });

const CONFORMANCE_OPTIONS = defineOptions({
  /** How thorough: `smoke`, `standard` or `full`. @default "standard" */
  level: withDefault(oneOf<Level>(LEVELS), "standard"),
  /** Only these checks, whatever their level is: ids or areas; `*` stands for any characters. @default all of the level */
  only: listOf(FILLED, { wanted: "a list of checks", filled: true }),
  /** Checks to leave out, by id, with the reason. @default none */
  skip: withDefault(recordOf(FILLED), {}),
  /** What the server declares about itself. @default nothing */
  profile: withDefault(
    checkedBy((name, profile: ConformanceProfile) => readProfile(name, profile)),
    {},
  ),
  /** What the server speaks. @default what the harness knows */
  dialect: dialectOption(),
  /** The model that requests name. @default the first one that the server lists */
  model: FILLED,
  /** An earlier report to compare with. */
  baseline: custom<ConformanceReport>("a conformance report", (value) => {
    return isRecord(value) && value["kind"] === "conformance-report";
  }),
  /** Seed of prompts and random choices. @default 1 */
  seed: withDefault(integer([0, 2 ** 32 - 1]), 1),
  /** Multiplies the budget of each check and `silenceMs`, for a slow server. @default 1 */
  budgetFactor: withDefault(positive({ most: 1000 }), 1),
  /** A server that sends nothing for this long does not answer any more, in ms. @default 10000 */
  silenceMs: withDefault(durationMs(), 10_000),
  /** Ends the run; the report is then partial. */
  signal: abortSignal(),
  /** Called when a check has its verdict, in the order of the ends. */
  onResult: callback<(result: CheckResult) => void>(),
});

/** Options of a run of the suite. */
export interface ConformanceOptions extends OptionsOf<typeof CONFORMANCE_OPTIONS> {}

type Resolved = ResolvedOptionsOf<typeof CONFORMANCE_OPTIONS>;

/** Checks options without running anything, and returns the checks that would run. @throws {INVALID_OPTION} */
export function planConformance(options: ConformanceOptions, catalogue: readonly Check[] = CATALOGUE) {
  const resolved = resolveOptions(CONFORMANCE_OPTIONS, options);
  checkIds("skip", Object.keys(resolved.skip), catalogue);
  checkIds("profile.deviations", Object.keys(resolved.profile.deviations ?? {}), catalogue);
  return { resolved, checks: selectChecks(catalogue, resolved) };
}

/**
 * Runs the checks on a server and judges it. Resolves for everything that the server does.
 *
 * @throws {INVALID_OPTION} and whatever starting or reaching the server throws.
 */
export async function runSuite(
  source: ServerSource,
  options: ConformanceOptions,
  catalogue: readonly Check[] = CATALOGUE,
): Promise<ConformanceReport> {
  const { resolved, checks } = planConformance(options, catalogue);
  const { dialect, model, profile } = resolved;
  const signal = resolved.signal ?? new AbortController().signal;
  await using keeper = new ServerKeeper(source, {
    asking: { dialect, model },
    profile,
    silenceMs: resolved.silenceMs * resolved.budgetFactor,
  });
  await keeper.open(signal);
  const run = new SuiteRun(keeper, resolved, signal);
  await run.run(checks);
  return run.report(source);
}

class SuiteRun {
  readonly #keeper: ServerKeeper;
  readonly #options: Resolved;
  readonly #signal: AbortSignal;
  readonly #restarts: Restart[] = [];
  #results: CheckResult[] = [];
  #gone: string | undefined;

  constructor(keeper: ServerKeeper, options: Resolved, signal: AbortSignal) {
    this.#keeper = keeper;
    this.#options = options;
    this.#signal = signal;
  }

  async run(checks: readonly Check[]): Promise<void> {
    const { probes, profile } = this.#keeper.facts;
    const concurrency = Math.min(MOST_CONCURRENCY, profile.slots ?? probes.slotCount ?? 1);
    this.#results = await runAll(checks, {
      concurrency,
      run: (check) => this.#runOne(check),
      between: (result) => this.#settle(result),
    });
  }

  report(source: ServerSource): ConformanceReport {
    const { level, seed, profile, baseline } = this.#options;
    const { url, dialect, model } = this.#keeper.facts;
    return createConformanceReport({
      server: {
        url,
        dialect: dialect.name,
        recognizedBy: this.#keeper.recognizedBy ?? null,
        model: model ?? null,
        command: source.kind === "started" ? source.command : null,
      },
      level,
      seed,
      results: this.#results,
      restarts: this.#restarts,
      deviations: profile.deviations ?? {},
      partialReason: this.#endedBy(),
      comparison: baseline && compareConformance(baseline, this.#results),
    });
  }

  #endedBy(): string | undefined {
    if (this.#gone !== undefined) return this.#gone;
    return this.#signal.aborted ? describeReason(this.#signal.reason) : undefined;
  }

  async #runOne(check: Check): Promise<CheckResult> {
    const { seed, skip, budgetFactor, silenceMs, onResult } = this.#options;
    const result = await runCheck(check, {
      endedBy: this.#endedBy(),
      facts: this.#keeper.facts,
      seed,
      skipped: skip as Readonly<Record<string, string>>,
      budgetFactor,
      silenceMs: silenceMs * budgetFactor,
      launch: () => this.#keeper.launch(this.#signal),
      signal: this.#signal,
    });
    onResult?.(result);
    return result;
  }

  async #settle({ id, status }: CheckResult): Promise<void> {
    if (this.#endedBy() !== undefined) return;
    await this.#keeper.stopOthers();
    const isSuspect = status === "fail" || status === "error";
    const condition = await this.#keeper.revive(isSuspect, this.#signal);
    if (condition.status === "restarted") this.#restarts.push({ after: id, reason: condition.reason });
    if (condition.status === "gone") this.#gone = `the server is gone after ${id}: ${condition.reason}`;
  }
}

function describeReason(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
