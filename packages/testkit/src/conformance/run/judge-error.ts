import type { Exchange } from "../../evidence/index.js";
import { isTestkitError, reasonOf } from "../../errors/index.js";
import { formatMs } from "../../numbers/index.js";
import { CheckFailed, CheckInconclusive, CheckNotApplicable } from "../verdict.js";

/** How an attempt of a check ended. */
export type Verdict =
  | { readonly status: "pass" }
  | { readonly status: "fail"; readonly expected: string; readonly got: string }
  | { readonly status: "inconclusive" | "error" | "not-applicable"; readonly message: string };

/** What is known when an attempt ends with an exception. */
export interface AttemptFacts {
  readonly exchanges: readonly Exchange[];
  /** Whether the budget is used up. */
  readonly isLate: boolean;
  /** Whether the run was aborted. */
  readonly isCut: boolean;
  readonly budgetMs: number;
  /** A server that sends nothing for this long does not answer any more. */
  readonly silenceMs: number;
}

/** Turns what a check threw into its verdict: what the server did is a failure, anything else an error of the suite. */
export function judgeError(error: unknown, facts: AttemptFacts): Verdict {
  if (error instanceof CheckFailed && !facts.isCut && !facts.isLate) {
    return { status: "fail", expected: error.expected, got: error.got };
  }
  if (error instanceof CheckInconclusive) return { status: "inconclusive", message: error.message };
  if (error instanceof CheckNotApplicable) return { status: "not-applicable", message: error.message };
  if (facts.isCut) return { status: "inconclusive", message: "the run was ended before the check was" };
  if (facts.isLate) return judgeLate(facts);
  if (isTestkitError(error) && error.code !== "INVALID_OPTION") {
    return { status: "fail", expected: "an answer that can be read", got: reasonOf(error) };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { status: "error", message: text.split("\n").slice(0, 4).join(" ") };
}

/** A server that was silent hangs; one that was still sending is slow. */
function judgeLate({ exchanges, budgetMs, silenceMs }: AttemptFacts): Verdict {
  const silent = exchanges.find((exchange) => silenceOf(exchange) >= silenceMs);
  if (silent === undefined) {
    const message = `the server was still answering when the budget of ${formatMs(budgetMs)} was used up`;
    return { status: "inconclusive", message };
  }
  const { method, path } = silent.request;
  return {
    status: "fail",
    expected: `an answer to ${method} ${path} within ${formatMs(silenceMs)}`,
    got: `nothing for ${formatMs(silenceOf(silent))}`,
  };
}

/** How long an open exchange was silent at its end. */
function silenceOf({ sentAtMs, head, slices, end, failure }: Exchange): number {
  if (end?.how.kind === "ended") return 0;
  const lastAtMs = slices.at(-1)?.atMs ?? head?.atMs ?? sentAtMs;
  return (end?.atMs ?? failure?.atMs ?? performance.now()) - lastAtMs;
}
