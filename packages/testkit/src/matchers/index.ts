import type { StopReason } from "inference-worker-protocol";
import {
  findCompletionProblem,
  findOrderViolation,
  findStopMismatch,
  findStreamingProblem,
  findTokenCountMismatch,
  type CollectedStream,
  type EventsInput,
  type ExpectedTokenCount,
} from "../events/index.js";
import { createResult, type MatcherResult } from "./result.js";
import { toMatchGolden } from "./to-match-golden.js";
import { findCancelProblem, type CancelExpectation, type CancelResult } from "../jobs/index.js";

/** The expected stop: a stop sequence, or a reason such as `{ reason: "eos" }`. */
type ExpectedStop = string | { readonly reason: StopReason };

/** Started, then token or metrics events with i = 0, 1, 2, …, then exactly one terminal event. See `assertEventOrder`. */
function toHaveEventOrder(received: EventsInput): MatcherResult {
  return createResult(findOrderViolation(received), "a stream whose events are in the wrong order");
}

/** In order, complete, ended by `end`. See `assertSuccessfulCompletion`. */
function toCompleteSuccessfully(received: EventsInput): MatcherResult {
  return createResult(findCompletionProblem(received), "a stream that does not complete successfully");
}

/** The number of token events is exact, or within the bounds. See `assertTokenCount`. */
function toHaveTokenCount(received: EventsInput, expected: ExpectedTokenCount): MatcherResult {
  return createResult(
    findTokenCountMismatch(received, expected),
    `a number of token events other than ${show(expected)}`,
  );
}

/**
 * Stopped at this stop sequence, or for this reason. See `assertStopReason`.
 *
 * @example expect(events).toStopAt("}"); expect(events).toStopAt({ reason: "max_tokens" });
 */
function toStopAt(received: EventsInput, expected: ExpectedStop): MatcherResult {
  const mismatch =
    typeof expected === "string"
      ? findStopMismatch(received, "stop_sequence", { sequence: expected })
      : findStopMismatch(received, expected.reason);
  return createResult(mismatch, `a job that does not stop at ${show(expected)}`);
}

/**
 * The job was cancelled, not too late, and within the limits if given. See `assertCancelled`.
 *
 * @example expect(await cancelAfter(response, { tokens: 3 })).toBeCancelled({ withinMs: 1000 });
 */
function toBeCancelled(received: CancelResult, expected?: CancelExpectation): MatcherResult {
  return createResult(findCancelProblem(received, expected), "a job that was not cancelled as requested");
}

/**
 * The tokens arrived over the time of their generation, not all at its end. See `assertStreamed`.
 *
 * @example expect(await collectStream(response)).toBeStreamed();
 */
function toBeStreamed(received: CollectedStream): MatcherResult {
  return createResult(findStreamingProblem(received), "a stream whose tokens were held back");
}

/** Every matcher, for `expect.extend(matchers)`. */
export const matchers = {
  toHaveEventOrder,
  toCompleteSuccessfully,
  toHaveTokenCount,
  toStopAt,
  toBeCancelled,
  toBeStreamed,
  toMatchGolden,
} as const;

function show(value: unknown): string {
  return JSON.stringify(value);
}
