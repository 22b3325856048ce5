import { slotsOf } from "../capabilities.js";
import type { Check } from "../check.js";
import { compareConformance } from "../report/compare-reports.js";
import type { CheckResult, ConformanceReport, Restart } from "../report/conformance-report.js";
import { createConformanceReport } from "../report/create-report.js";
import type { ServerKeeper } from "../server/server-keeper.js";
import type { ServerSource } from "../server/server-source.js";
import type { ResolvedConformanceOptions } from "./options.js";
import { runCheck } from "./run-check.js";
import { runAll } from "./schedule.js";

const MOST_CONCURRENCY = 4;

/** Checks one server: keeps the verdicts, and the server alive between two checks. */
export class SuiteRun {
  readonly #keeper: ServerKeeper;
  readonly #options: ResolvedConformanceOptions;
  readonly #signal: AbortSignal;
  readonly #restarts: Restart[] = [];
  readonly #results = new Map<string, CheckResult>();
  #gone: string | undefined;

  constructor(keeper: ServerKeeper, options: ResolvedConformanceOptions, signal: AbortSignal) {
    this.#keeper = keeper;
    this.#options = options;
    this.#signal = signal;
  }

  /** Runs further checks. @returns their results, in order. */
  async run(checks: readonly Check[]): Promise<CheckResult[]> {
    const { probes, profile } = this.#keeper.facts;
    return runAll(checks, {
      concurrency: Math.min(MOST_CONCURRENCY, slotsOf({ profile, probes }, 1)),
      run: (check) => this.#runOne(check),
      between: (results) => this.#settle(results),
    });
  }

  describeServer(source: ServerSource): ConformanceReport["server"] {
    const { url, dialect, model } = this.#keeper.facts;
    return {
      url,
      dialect: dialect.name,
      recognizedBy: this.#keeper.recognizedBy ?? null,
      model: model ?? null,
      command: source.kind === "started" ? source.command : null,
    };
  }

  report(source: ServerSource): ConformanceReport {
    const { level, seed, profile, baseline } = this.#options;
    return createConformanceReport({
      server: this.describeServer(source),
      level,
      seed,
      results: [...this.#results.values()],
      restarts: this.#restarts,
      deviations: profile.deviations ?? {},
      partialReason: this.#endedBy(),
      comparison: baseline && compareConformance(baseline, [...this.#results.values()]),
    });
  }

  #endedBy(): string | undefined {
    if (this.#gone !== undefined) return this.#gone;
    return this.#signal.aborted ? describeReason(this.#signal.reason) : undefined;
  }

  async #runOne(check: Check): Promise<CheckResult> {
    const { seed, skip, budgetFactor, silenceMs, onResult } = this.#options;
    const slowness = findSlowness(this.#keeper.facts.probes.shortJobMs);
    const result = await runCheck(check, {
      endedBy: this.#endedBy(),
      facts: this.#keeper.facts,
      seed,
      skipped: skip as Readonly<Record<string, string>>,
      budgetFactor: budgetFactor * slowness,
      silenceMs: silenceMs * budgetFactor * slowness,
      launch: (change) => this.#keeper.launch(this.#signal, change),
      signal: this.#signal,
    });
    onResult?.(result);
    return result;
  }

  /** @param results of checks that ran beside each other. */
  async #settle(results: readonly CheckResult[]): Promise<void> {
    for (const result of results) this.#results.set(result.id, result);
    if (this.#endedBy() !== undefined) return;
    await this.#keeper.stopOthers();
    const suspect = results.find(({ status }) => status === "fail" || status === "error");
    const condition = await this.#keeper.revive(suspect !== undefined, this.#signal);
    if (condition.status === "alive") return;
    const after = (suspect ?? results.at(-1))?.id ?? "the start";
    if (condition.status === "restarted") this.#restarts.push({ after, reason: condition.reason });
    else this.#gone = `the server is gone after ${after}: ${condition.reason}`;
  }
}

/** The budgets are made for a server that needs this long for four tokens. */
const USUAL_JOB_MS = 400;
const MOST_SLOWNESS = 10;

/** How many times slower than usual a server is: a small CPU, a large model, a busy machine. */
function findSlowness(shortJobMs = USUAL_JOB_MS): number {
  return Math.min(MOST_SLOWNESS, Math.max(1, shortJobMs / USUAL_JOB_MS));
}

function describeReason(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
