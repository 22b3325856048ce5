import type { InferenceEvent } from "inference-worker-protocol";
import type { EventExtra, EventSink, FrameSink } from "../jobs/index.js";
import { StopMatcher } from "../text/index.js";
import type { JobEnd } from "./bypass-reasons.js";
import type { JobFaults } from "./job-faults.js";
import { createEdit, PAYLOAD_FAULTS, type Draft, type Edit, type EditContext } from "./payload-edits.js";
import { findObstacle } from "./payload-needs.js";

/**
 * Observes what a job sends, changes it where a fault requires it, and settles the faults with the terminal event.
 */
export class StubSink implements EventSink {
  readonly #faults: JobFaults;
  readonly #inner: FrameSink;
  readonly #edits: readonly Edit[];
  readonly #stops: StopMatcher | undefined;

  /** @param options.ignoredStops stop sequences that the job does not look for. */
  constructor(
    faults: JobFaults,
    inner: FrameSink,
    { ignoredStops, ...context }: EditContext & { readonly ignoredStops: readonly string[] },
  ) {
    this.#faults = faults;
    this.#inner = inner;
    this.#edits = this.#applicable().map((hit) => createEdit(hit, context));
    this.#stops = ignoredStops.length === 0 ? undefined : new StopMatcher(ignoredStops);
  }

  send(event: InferenceEvent, extra?: EventExtra): Promise<void> | undefined {
    this.#faults.observe(event);
    if (event.type === "token" && this.#stops?.push(event.t).matched !== undefined) this.#faults.fire("ignores-stop");
    const drafts = this.#edits.length === 0 ? undefined : this.#edit(event, extra);
    const end = endOf(event);
    // Once a client has read the terminal event, the fault records are final; those of the slot follow when it is
    // freed.
    if (end !== undefined) this.#faults.settle(end, ["slot-leak", "memory-leak"]);
    return drafts === undefined ? this.#inner.send(event, extra) : this.#sendAll(drafts, end !== undefined);
  }

  /** The faults that can happen to a response of this form; the others are bypassed. */
  #applicable() {
    return this.#faults.of(PAYLOAD_FAULTS).filter((hit) => {
      const obstacle = findObstacle(hit.fault.id, this.#inner.form);
      if (obstacle !== undefined) hit.bypass(obstacle);
      return obstacle === undefined;
    });
  }

  #edit(event: InferenceEvent, extra?: EventExtra): readonly Draft[] {
    let drafts: readonly Draft[] = [event.type === "token" ? { event, extra, position: event.i } : { event, extra }];
    for (const edit of this.#edits) drafts = drafts.flatMap(edit);
    return drafts;
  }

  #sendAll(drafts: readonly Draft[], terminal: boolean): Promise<void> | undefined {
    let slow: Promise<void> | undefined;
    for (const [position, { event, extra, change }] of drafts.entries()) {
      const last = terminal && position === drafts.length - 1;
      slow = this.#inner.sendFrame({ event, extra, change, last }) ?? slow;
    }
    return slow;
  }
}

function endOf(event: InferenceEvent): JobEnd | undefined {
  if (event.type === "error") return { how: `ended with error ${event.code}`, generated: undefined };
  return event.type === "end" ? { how: `ended with ${event.stop_reason}`, generated: event.tokens_out } : undefined;
}
