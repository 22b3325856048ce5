import type { InferenceEvent } from "../dialects/index.js";
import {
  checkedBy,
  checkOption,
  defineOptions,
  durationMs,
  integer,
  isRecord,
  resolveOptions,
  type Option,
} from "../options/index.js";

/**
 * When to act on a running job: when its nth token event has arrived (0: as soon as the response headers arrive, which is before the
 * first token and possibly while the job is queued), or `ms` milliseconds after the request was sent.
 */
export type JobTrigger = { readonly tokens: number } | { readonly ms: number };

const TRIGGER = defineOptions({ tokens: integer(), ms: durationMs({ orZero: true }) });

/** The option that takes a trigger: exactly one of `tokens` and `ms`. */
export function jobTrigger(): Option<JobTrigger> {
  return checkedBy((name, value) => {
    const got = { wanted: "{ tokens: n } or { ms: t }", value };
    checkOption(isRecord(value), name, got);
    const { tokens, ms } = resolveOptions(TRIGGER, value, name);
    checkOption((tokens === undefined) !== (ms === undefined), name, got);
    return value;
  });
}

/** Fires once, when the trigger is reached; never after the terminal event has arrived. */
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

  /** The response headers have arrived. @param sentAtMs when the request was sent, on the clock of `performance.now()`. */
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

  /** Never early: a timer may fire up to a millisecond before its time. */
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

/** Number of token events. */
export function countTokens(events: readonly InferenceEvent[]): number {
  let count = 0;
  for (const event of events) if (event.type === "token") count += 1;
  return count;
}

function isTerminal(event: InferenceEvent): boolean {
  return event.type === "end" || event.type === "error";
}
