import { STOP_REASONS, type StopReason } from "inference-worker-protocol";
import type { EndEvent } from "../dialects/index.js";
import { defineOptions, oneOf, resolveOptions, text, type OptionsOf } from "../options/index.js";
import { toVisibleText } from "../terminal/index.js";
import { describeMissingEnd, findEndEvent } from "./extract.js";
import { throwProblem, type EventProblem, type EventsInput } from "./problem.js";

const STOP_EXPECTATION = defineOptions({
  /** The stop sequence that must be reported as matched. */
  sequence: text(),
});
const REASON = oneOf(STOP_REASONS);
/** The reasons that `stop` covers. */
const EITHER: ReadonlySet<StopReason> = new Set(["stop", "eos", "stop_sequence"]);
const NOT_REPORTED =
  ": the server does not report whether that was the end of the sequence or a stop sequence. Expect `stop`, or use a dialect that reports it";

/** What else {@link assertStopReason} checks. */
export interface StopExpectation extends OptionsOf<typeof STOP_EXPECTATION> {}

/**
 * Compares the stop reason of the end event, and the matched stop sequence if one is expected. `stop` also accepts `eos` and
 * `stop_sequence`.
 *
 * @throws {INVALID_OPTION} `reason` is not a stop reason of the protocol.
 * @example findStopMismatch(events, "stop_sequence", { sequence: "}" })
 */
export function findStopMismatch(
  input: EventsInput,
  reason: StopReason,
  expectation: StopExpectation = {},
): EventProblem | undefined {
  REASON.read("reason", reason);
  const { sequence } = resolveOptions(STOP_EXPECTATION, expectation, "expectation");
  const end = findEndEvent(input);
  if (end === undefined) return { code: "STOP_MISMATCH", ...describeMissingEnd(input) };
  const sequenceMatches = sequence === undefined || end.stop_sequence_matched === sequence;
  if (matches(end.stop_reason, reason) && sequenceMatches) return undefined;
  const unknown = end.stop_reason === "stop" && EITHER.has(reason) ? NOT_REPORTED : "";
  return {
    code: "STOP_MISMATCH",
    message: toVisibleText(
      `Expected the job to stop for ${describeStop(reason, sequence)}, got ${describeEnd(end)}${unknown}`,
    ),
    details: {
      expected: reason,
      expectedSequence: quote(sequence),
      actual: end.stop_reason,
      actualSequence: quote(end.stop_sequence_matched ?? undefined),
    },
  };
}

/**
 * Fails unless the job stopped for that reason (and at that stop sequence). `stop` also accepts `eos` and `stop_sequence`. Where a
 * server reports only `stop`, the other two fail with a message that says so.
 *
 * @throws {STOP_MISMATCH} another reason, another sequence, or no end event.
 * @throws {INVALID_OPTION} `reason` is not a stop reason of the protocol.
 * @example assertStopReason(events, "stop_sequence", { sequence: "\n\n" });
 */
export function assertStopReason(input: EventsInput, reason: StopReason, expectation: StopExpectation = {}): void {
  throwProblem(findStopMismatch(input, reason, expectation));
}

/** An expected `stop` accepts either of the two. */
function matches(actual: StopReason, expected: StopReason): boolean {
  return actual === expected || (expected === "stop" && EITHER.has(actual));
}

function describeEnd(end: EndEvent): string {
  return describeStop(end.stop_reason, end.stop_sequence_matched ?? undefined);
}

function describeStop(reason: StopReason, sequence: string | undefined): string {
  return sequence === undefined ? reason : `${reason} at ${JSON.stringify(sequence)}`;
}

/** Quoted, because stop sequences are often line breaks. */
function quote(sequence: string | undefined): string | undefined {
  return sequence === undefined ? undefined : JSON.stringify(sequence);
}
