import type { FaultHit, FaultIdOf } from "worker-orcd-control";
import type { StreamWatch } from "../../client/index.js";
import type { EventDecoder, Framing, WireMessage } from "../../dialects/index.js";
import { createMessageDecoder, DEFAULT_STREAM_TIMEOUTS, type MessageDecoder } from "../../events/index.js";
import { plural } from "../../numbers/index.js";

/** A process fault that was chosen for one stream. */
export type ProcessFaultHit = FaultHit<FaultIdOf<"harness">>;

interface StreamFaultsOptions {
  readonly framing: Framing;
  /** The point in the observed stream. */
  readonly decoder: EventDecoder;
  /** Performs the fault; called at its point. */
  readonly apply: (hit: ProcessFaultHit) => void;
  /** Nothing more can happen. */
  readonly onOver: () => void;
}

/**
 * The faults that were chosen for one stream, triggered by its progress as the reader sees it. A fault whose point arrives together
 * with the terminal event is bypassed: the worker had finished the job.
 */
export class StreamFaults implements StreamWatch {
  readonly #pending: Set<ProcessFaultHit>;
  readonly #options: StreamFaultsOptions;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #messages: MessageDecoder;
  #tokenCount = 0;
  #hasEnded = false;

  constructor(hits: readonly ProcessFaultHit[], options: StreamFaultsOptions) {
    this.#pending = new Set(hits);
    this.#options = options;
    this.#messages = createMessageDecoder(
      options.framing,
      { onMessage: (message) => this.#see(message), onOverflow: () => undefined },
      DEFAULT_STREAM_TIMEOUTS,
    );
  }

  onFailed(): void {
    this.#giveUp("the request got no answer");
  }

  onHeaders(status: number): void {
    if (status !== 200) {
      this.#giveUp(`the request was answered ${status}`);
      return;
    }
    for (const hit of this.#pending) {
      const { at } = hit.fault;
      if (typeof at === "object" && "afterMs" in at) this.#applyLater(hit, at.afterMs);
    }
    this.#applyReached();
  }

  onChunk(chunk: Uint8Array): void {
    if (this.#pending.size === 0) return;
    this.#messages.feed(chunk);
    if (this.#hasEnded) this.#giveUp(`the stream ended with token ${this.#tokenCount}, before the fault could happen`);
    else this.#applyReached();
  }

  onEnd(): void {
    this.#giveUp(`the stream broke off, or was left, after ${plural(this.#tokenCount, "token")}`);
  }

  /** The worker is being stopped while the stream is open. */
  onStop(): void {
    this.#giveUp(`the stream had been read to token ${this.#tokenCount} when the worker was stopped`);
  }

  #see(message: WireMessage): void {
    for (const { type } of decode(this.#options.decoder, message)) {
      if (type === "token") this.#tokenCount++;
      else if (type === "end" || type === "error") this.#hasEnded = true;
    }
  }

  #applyReached(): void {
    for (const hit of this.#pending) if (isReached(hit, this.#tokenCount)) this.#apply(hit);
    this.#settle();
  }

  #applyLater(hit: ProcessFaultHit, delayMs: number): void {
    const timer = setTimeout(() => {
      this.#apply(hit);
      this.#settle();
    }, delayMs);
    this.#timers.add(timer);
  }

  #apply(hit: ProcessFaultHit): void {
    if (this.#pending.delete(hit)) this.#options.apply(hit);
  }

  #giveUp(reason: string): void {
    for (const hit of this.#pending) hit.bypass(reason);
    this.#pending.clear();
    this.#settle();
  }

  #settle(): void {
    if (this.#pending.size > 0) return;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#options.onOver();
  }
}

function isReached({ fault: { at } }: ProcessFaultHit, tokenCount: number): boolean {
  if (at === undefined || at === "after-headers") return true;
  return "afterTokens" in at && tokenCount >= at.afterTokens;
}

function decode(decoder: EventDecoder, message: WireMessage): ReturnType<EventDecoder["push"]> {
  try {
    return decoder.push(message);
  } catch {
    return []; // not an event; the reader reports it
  }
}
