import { setTimeout as delay } from "node:timers/promises";
import { combine, hashText, toUnit } from "worker-orcd-control";
import { findUnmetNeed, type ServerFacts } from "../capabilities.js";
import type { Check } from "../check.js";
import type { CheckContext } from "../context.js";
import { CheckNotes } from "../evidence/check-notes.js";
import { createCurlLine } from "../evidence/curl-line.js";
import { CheckRecorder } from "../evidence/check-recorder.js";
import { MOST_EXCHANGES, storeExchanges } from "../evidence/store-exchange.js";
import { Prompts } from "../prompts.js";
import type { CheckResult } from "../report/conformance-report.js";
import { CheckTarget } from "../target/check-target.js";
import { judgeError, type Verdict } from "./judge-error.js";

/** A check that does not heed its signal may take this much longer. */
const GRACE_MS = 2_000;
const MOST_ATTEMPTS = 3;

/** What a check runs with. */
export interface CheckRun {
  /** Why no check runs any more. */
  readonly endedBy: string | undefined;
  readonly facts: ServerFacts;
  readonly seed: number;
  /** Reasons for leaving checks out, by id. */
  readonly skipped: Readonly<Record<string, string>>;
  /** Multiplies the budgets. */
  readonly budgetFactor: number;
  readonly silenceMs: number;
  readonly launch: CheckContext["launch"];
  /** Ends the run. */
  readonly signal: AbortSignal;
}

/** One attempt, and what was recorded. */
interface Attempt {
  readonly verdict: Verdict;
  readonly recorder: CheckRecorder;
  /** Whether another prompt may decide: there is none, and time is left. */
  readonly mayRepeat: boolean;
}

/** Runs one check to its verdict, with further attempts if it is inconclusive; never rejects. */
export async function runCheck(check: Check, run: CheckRun): Promise<CheckResult> {
  const startedAtMs = performance.now();
  const reason = run.skipped[check.id];
  const unmet = reason === undefined ? findUnmetNeed(check.needs, run.facts) : `skipped: ${reason}`;
  if (unmet !== undefined) return describe(check, run, { verdict: { status: "not-applicable", message: unmet } });
  if (run.endedBy !== undefined) {
    return describe(check, run, { verdict: { status: "inconclusive", message: `not run: ${run.endedBy}` } });
  }
  const deadlineMs = startedAtMs + check.budgetMs * run.budgetFactor;
  const notes = new CheckNotes();
  let number = 0;
  let last: Attempt;
  do {
    number += 1;
    last = await attempt(check, run, { number, deadlineMs, notes });
  } while (last.mayRepeat && number < MOST_ATTEMPTS);
  const durationMs = performance.now() - startedAtMs;
  return describe(check, run, { ...last, attempts: number, durationMs, notes: notes.list() });
}

async function attempt(
  check: Check,
  run: CheckRun,
  { number, deadlineMs, notes }: { readonly number: number; readonly deadlineMs: number; readonly notes: CheckNotes },
): Promise<Attempt> {
  const { facts, silenceMs } = run;
  const recorder = new CheckRecorder();
  const budget = new AbortController();
  const leftMs = Math.max(1, deadlineMs - performance.now());
  const timer = setTimeout(() => budget.abort(new Error(`the budget of ${check.id} is used up`)), leftMs);
  const signal = AbortSignal.any([budget.signal, run.signal]);
  const over = new AbortController();
  const name = `${check.id}-${number}-${run.seed}`;
  const target = new CheckTarget({ facts, signal, recorder, notes, name, silenceMs });
  const random = createRandom(run.seed, `${check.id} ${number}`);
  const context = { target, prompts: new Prompts(random), random, server: facts, attempt: number, signal };
  try {
    await Promise.race([check.run({ ...context, launch: run.launch }), rejectAfter(signal, over.signal)]);
    signal.throwIfAborted(); // a check may have taken the end of its requests for an answer
    return { verdict: { status: "pass" }, recorder, mayRepeat: false };
  } catch (error) {
    const ended = { isLate: budget.signal.aborted, isCut: run.signal.aborted };
    const { exchanges } = recorder;
    const budgetMs = check.budgetMs * run.budgetFactor;
    const verdict = judgeError(error, { ...ended, exchanges, budgetMs, silenceMs });
    const mayRepeat = verdict.status === "inconclusive" && !signal.aborted;
    return { verdict, recorder, mayRepeat };
  } finally {
    clearTimeout(timer);
    over.abort();
    budget.abort(new Error(`${check.id} is over`));
    await target.close();
  }
}

/** Rejects some time after the signal, for a check that waits for something else. @param over ends the waiting. */
async function rejectAfter(signal: AbortSignal, over: AbortSignal): Promise<never> {
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true, signal: over }));
  await delay(GRACE_MS, undefined, { signal: over });
  throw signal.reason;
}

/** A number of its own for each draw, so that the order of the checks does not matter. */
function createRandom(seed: number, name: string): () => number {
  const base = combine(seed >>> 0, hashText(name));
  let index = 0;
  return () => toUnit(combine(base, index++));
}

function describe(
  check: Check,
  { facts }: CheckRun,
  result: {
    readonly verdict: Verdict;
    readonly recorder?: CheckRecorder;
    readonly attempts?: number;
    readonly durationMs?: number;
    readonly notes?: readonly string[];
  },
): CheckResult {
  const { verdict, recorder, attempts = 0, durationMs = 0, notes = [] } = result;
  const { id, title, area, level, why, source } = check;
  const exchanges = recorder?.exchanges ?? [];
  const failed = verdict.status === "fail" ? verdict : undefined;
  return {
    ...{ id, title, area, level, why, source },
    status: verdict.status,
    message: failed === undefined ? ("message" in verdict ? verdict.message : "") : toSentence(failed),
    expected: failed?.expected ?? null,
    got: failed?.got ?? null,
    durationMs: Math.round(durationMs * 10) / 10,
    attempts,
    ...(notes.length === 0 ? {} : { notes }),
    exchanges: storeExchanges(exchanges),
    omittedExchanges: (recorder?.droppedCount ?? 0) + Math.max(0, exchanges.length - MOST_EXCHANGES),
    curl: verdict.status === "pass" ? null : createCurlLine(exchanges, facts.url),
    deviation: facts.profile.deviations?.[id] ?? null,
  };
}

function toSentence({ expected, got }: { readonly expected: string; readonly got: string }): string {
  return `expected ${expected}, got ${got}`;
}
