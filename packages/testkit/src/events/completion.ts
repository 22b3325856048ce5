import type { EndEvent, InferenceEvent } from "../dialects/index.js";
import { toVisibleText } from "../terminal/index.js";
import { describeEvent } from "./describe-event.js";
import { describeOutcome } from "./describe-outcome.js";
import { findOrderViolation } from "./order.js";
import { findFault, throwProblem, toEvents, type EventProblem, type EventsInput } from "./problem.js";

/**
 * Looks for the reason why a job did not complete: a failed stream, a wrong order, an `error` event, an `end` whose stop
 * reason is `cancelled` or `error`, or more token events than the `tokens_out` of the end event.
 *
 * @example findCompletionProblem(events)?.message
 */
export function findCompletionProblem(input: EventsInput): EventProblem | undefined {
  const fault = findFault(input);
  if (fault !== undefined) return problem(`the stream failed: ${describeOutcome(fault)}`, { status: fault.status });
  const events = toEvents(input);
  const violation = findOrderViolation(events);
  if (violation !== undefined) return violation;
  const terminal = events.at(-1);
  if (terminal?.type === "error") {
    return problem(`the worker sent ${describeEvent(terminal)}`, {
      error: terminal.code,
      retriable: terminal.retriable,
    });
  }
  return terminal?.type === "end" ? findInEnd(terminal, events) : undefined;
}

/**
 * Fails unless the job completed. There may be fewer token events than `tokens_out` (a token can be held back and joined with the next),
 * but never more.
 *
 * @throws {ORDER_VIOLATED} the order is wrong.
 * @throws {COMPLETION_FAILED} the stream failed, the worker sent `error`, or the end event contradicts a success.
 * @example assertSuccessfulCompletion(await collectSseEvents(response));
 */
export function assertSuccessfulCompletion(input: EventsInput): void {
  throwProblem(findCompletionProblem(input));
}

function findInEnd(end: EndEvent, events: readonly InferenceEvent[]): EventProblem | undefined {
  const { stop_reason, tokens_out } = end;
  if (stop_reason === "cancelled" || stop_reason === "error") {
    return problem(`its stop reason is ${stop_reason}`, { stop_reason });
  }
  const tokenEventCount = events.filter((event) => event.type === "token").length;
  if (tokenEventCount <= tokens_out) return undefined;
  const message = `${tokenEventCount} token events arrived, but \`tokens_out\` is ${tokens_out}`;
  return problem(message, { tokenEventCount, tokens_out });
}

function problem(reason: string, details: Record<string, unknown>): EventProblem {
  return { code: "COMPLETION_FAILED", message: toVisibleText(`Expected the job to complete: ${reason}`), details };
}
