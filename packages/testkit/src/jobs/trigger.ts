import type { InferenceEvent } from "inference-worker-protocol";
import { checkInteger, checkKnownOptions, checkDuration, checkOption } from "../errors/index.js";

/**
 * When something is done to a running job: when its nth token event has arrived (0: as soon as the response headers are there,
 * that is before the first token, or while the job is queued), or so many milliseconds after the request was sent.
 */
export type JobTrigger = { readonly tokens: number } | { readonly ms: number };

/** @throws {INVALID_OPTION} neither `tokens` nor `ms`, both, or a wrong value. */
export function checkTrigger(name: string, trigger: unknown): asserts trigger is JobTrigger {
  const wanted = "{ tokens: n } or { ms: t }";
  checkOption(typeof trigger === "object" && trigger !== null, name, { wanted, value: trigger });
  checkKnownOptions(name, trigger, ["tokens", "ms"]);
  checkOption("tokens" in trigger !== "ms" in trigger, name, { wanted, value: trigger });
  if ("tokens" in trigger) checkInteger(`${name}.tokens`, trigger.tokens, [0, Number.MAX_SAFE_INTEGER]);
  else checkDuration(`${name}.ms`, (trigger as { ms: unknown }).ms);
}

/** Fires once, when the trigger is reached; never after the terminal event has been seen. */
export class TriggerWatch {
  readonly #trigger: JobTrigger;
  readonly #onReached: (events: readonly InferenceEvent[]) => void;
  #events: readonly InferenceEvent[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(trigger: JobTrigger, onReached: (events: readonly InferenceEvent[]) => void) {
    this.#trigger = trigger;
    this.#onReached = onReached;
  }

  /** The response headers are there. @param sentAtMs when the request was sent, on the clock of `performance.now()`. */
  start(sentAtMs: number): void {
    if ("ms" in this.#trigger) this.#fireAt(sentAtMs + this.#trigger.ms);
    else if (this.#trigger.tokens === 0) this.#fire();
  }

  /** More events have arrived. */
  see(events: readonly InferenceEvent[]): void {
    this.#events = events;
    if (this.#isOver) return;
    if (events.some(isTerminal)) this.stop();
    else if ("tokens" in this.#trigger && countTokens(events) >= this.#trigger.tokens) this.#fire();
  }

  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  /** Never early: a timer may come up to a millisecond before its time. */
  #fireAt(dueMs: number): void {
    const leftMs = dueMs - performance.now();
    if (leftMs <= 0) this.#fire();
    else this.#timer = setTimeout(() => this.#fireAt(dueMs), Math.ceil(leftMs));
  }

  #fire(): void {
    if (this.#isOver) return;
    this.stop();
    this.#onReached(this.#events);
  }
}

/** How many token events there are. */
export function countTokens(events: readonly InferenceEvent[]): number {
  let count = 0;
  for (const event of events) if (event.type === "token") count += 1;
  return count;
}

function isTerminal(event: InferenceEvent): boolean {
  return event.type === "end" || event.type === "error";
}
