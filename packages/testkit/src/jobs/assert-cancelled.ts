import { AssertionFailedError } from "../errors/index.js";
import { countOf, describeOutcome } from "../events/index.js";
import { toVisibleText } from "../terminal/index.js";
import { checkOption, defineOptions, durationMs, integer, resolveOptions, type OptionsOf } from "../options/index.js";
import type { CancelledResult, CancelResult } from "./cancel-result.js";

const CANCEL_EXPECTATION = defineOptions({
  /** Maximum time from the call to the terminal event, in ms. @default no limit */
  withinMs: durationMs({ orZero: true }),
  /** Maximum number of token events after the call. @default no limit */
  tokensAfter: integer(),
});

/** Limits for a cancellation. */
export interface CancelExpectation extends OptionsOf<typeof CANCEL_EXPECTATION> {}

/** What {@link findCancelProblem} found. Data for a matcher; `assertCancelled()` throws it. */
export interface CancelProblem {
  readonly code: "CANCEL_TOO_LATE" | "CANCEL_IGNORED" | "CANCEL_SLOW";
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/**
 * Finds the reason why a cancellation did not work, if any.
 *
 * @throws {INVALID_OPTION} not such a result, or an invalid expectation.
 * @example findCancelProblem(result, { withinMs: 100 })?.message
 */
export function findCancelProblem(result: CancelResult, expected: CancelExpectation = {}): CancelProblem | undefined {
  checkResult(result);
  resolveOptions(CANCEL_EXPECTATION, expected, "expected");
  if (result.status === "cancelled") return findSlowness(result, expected);
  const { status, reason, tokensBefore, cancelState, stream } = result;
  const how = `${toVisibleText(reason)}; ${countOf(tokensBefore, "token")} had arrived; the stream: ${describeOutcome(stream.outcome)}`;
  const details = { status, reason, tokensBefore, cancelState, outcome: stream.outcome.status };
  if (status === "too-late") {
    return { code: "CANCEL_TOO_LATE", message: `Expected the job to be cancelled, it ended before: ${how}`, details };
  }
  const message = `Expected the job to be cancelled, the worker did not: ${how}`;
  return { code: "CANCEL_IGNORED", message, details };
}

/**
 * Fails unless the job was cancelled in time. A job that ended before the cancellation reached it also fails: nothing was tested.
 *
 * @throws {CANCEL_TOO_LATE} the job had ended. @throws {CANCEL_IGNORED} it kept running, its stream broke, or the cancellation
 * failed.
 * @throws {CANCEL_SLOW} it took longer than `withinMs`, or more than `tokensAfter` tokens arrived.
 * @throws {INVALID_OPTION} not such a result, or an invalid expectation.
 * @example assertCancelled(await cancelAfter(response, { tokens: 3 }), { withinMs: 500 });
 */
export function assertCancelled(
  result: CancelResult,
  expected: CancelExpectation = {},
): asserts result is CancelledResult {
  const problem = findCancelProblem(result, expected);
  if (problem === undefined) return;
  const { code, message, details } = problem;
  const cause = result.status === "ignored" ? result.error : undefined;
  throw new AssertionFailedError(code, { message, details, cause });
}

function findSlowness(
  result: CancelledResult,
  { withinMs, tokensAfter }: CancelExpectation,
): CancelProblem | undefined {
  const { by, latencyMs, tokensAfterCancel, tokensBefore } = result;
  if (by === "disconnect") checkNothingExpected({ withinMs, tokensAfter });
  const details = {
    latencyMs: Math.round(latencyMs * 10) / 10,
    withinMs,
    tokensAfterCancel,
    tokensAfter,
    tokensBefore,
  };
  if (withinMs !== undefined && latencyMs > withinMs) {
    const message = `Expected the job to end within ${withinMs} ms of its cancellation, it took ${details.latencyMs} ms`;
    return { code: "CANCEL_SLOW", message, details };
  }
  if (tokensAfter === undefined || tokensAfterCancel <= tokensAfter) return undefined;
  const message = `Expected at most ${countOf(tokensAfter, "token")} after the cancellation, got ${tokensAfterCancel}`;
  return { code: "CANCEL_SLOW", message, details };
}

/** What a server did after a disconnect arrives nowhere. */
function checkNothingExpected({ withinMs, tokensAfter }: CancelExpectation): void {
  const value = { withinMs, tokensAfter };
  checkOption(withinMs === undefined && tokensAfter === undefined, "expected", {
    wanted:
      "empty: the job was cancelled by closing its connection, and only waitForIdle() shows when the server stopped",
    value,
  });
}

/** An outcome of `executeAll()` looks similar, but has no latency to check. */
function checkResult(result: unknown): void {
  const holds = typeof (result as Partial<CancelResult> | undefined)?.tokensBefore === "number";
  checkOption(holds, "result", { wanted: "a result of cancelAfter(), or the `cancel` of an outcome", value: result });
}
