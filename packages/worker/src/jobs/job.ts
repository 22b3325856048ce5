import { WorkerError, type InferenceEvent } from "inference-worker-protocol";
import type { Engine, EngineRequest, TokenGenerator } from "../engine/engine.js";

/** Where the events of a job go. */
export interface EventSink {
  /** Sends one event; a promise when the receiver is slow, resolved when it has caught up or is gone. */
  send(event: InferenceEvent): Promise<void> | undefined;
}

/** Text on its way to a client, and what it stands for. */
export interface Frame {
  readonly text: string;
  /** Type of the event, for the journal; of a token with its index. */
  readonly event: string;
  readonly index?: number | undefined;
  /** Nothing follows it. */
  readonly last: boolean;
}

/** A sink that also takes text which is no event of the contract. */
export interface FrameSink extends EventSink {
  /** Sends one frame as it is; see {@link EventSink.send} for the promise. */
  sendFrame(frame: Frame): Promise<void> | undefined;
}

/** Why a running or queued job is ended from outside. */
export type AbortReason = { readonly kind: "error"; readonly error: WorkerError } | { readonly kind: "disconnected" };

/** Makes the job of an accepted request. */
export type JobFactory = (request: EngineRequest, sink: FrameSink, correlationId: string) => Job;

/** One accepted request, from the queue to its terminal event. */
export class Job {
  readonly request: EngineRequest;
  readonly sink: EventSink;
  readonly correlationId: string;
  readonly acceptedAtMs = performance.now();
  readonly #controller = new AbortController();
  #abortReason: AbortReason | undefined;

  constructor(request: EngineRequest, sink: EventSink, correlationId: string) {
    this.request = request;
    this.sink = sink;
    this.correlationId = correlationId;
  }

  get id(): string {
    return this.request.job_id;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why the job was aborted, if it was. */
  get abortReason(): AbortReason | undefined {
    return this.#abortReason;
  }

  /** Starts the generation; see {@link Engine.generate}. */
  generate(engine: Engine): TokenGenerator {
    return engine.generate(this.request, this.signal);
  }

  /** Ends the job; the first reason counts. */
  abort(reason: AbortReason): void {
    this.#abortReason ??= reason;
    this.#controller.abort(reason);
  }

  /** A client asked to end the job. */
  cancel(): void {
    this.abort({ kind: "error", error: new WorkerError("CANCELLED", "the job was cancelled") });
  }

  /** The client of the job has left. */
  disconnect(): void {
    this.abort({ kind: "disconnected" });
  }

  /** The engine has let go of the job; `free` gives its slot to the next one. */
  leaveSlot(free: () => void): void {
    free();
  }

  /** Told once, when nothing more happens to the job. */
  ended(): void {
    // Only of interest to jobs that have something to account for.
  }
}
