import type { InferenceEvent, WorkerError } from "inference-worker-protocol";
import type { EngineRequest } from "../engine/engine.js";

/** Where the events of a job go. */
export interface EventSink {
  /** Sends one event; a promise when the receiver is slow, resolved when it has caught up or is gone. */
  send(event: InferenceEvent): Promise<void> | undefined;
}

/** Why a running or queued job is ended from outside. */
export type AbortReason = { readonly kind: "error"; readonly error: WorkerError } | { readonly kind: "disconnected" };

/** One accepted request, from the queue to its terminal event. */
export class Job {
  readonly request: EngineRequest;
  readonly sink: EventSink;
  readonly correlationId: string;
  readonly acceptedAtMs = performance.now();
  readonly #controller = new AbortController();

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
    return this.signal.aborted ? (this.signal.reason as AbortReason) : undefined;
  }

  /** Ends the job; the first reason counts. */
  abort(reason: AbortReason): void {
    this.#controller.abort(reason);
  }
}
