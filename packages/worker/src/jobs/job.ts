import { WorkerError } from "inference-worker-protocol";
import type { Engine, EngineRequest, TokenGenerator } from "../engine/engine.js";
import { TextPipeline, type Pipeline } from "../text/index.js";
import type { EventSink, FrameSink } from "./event-sink.js";

/** Why a running or queued job is ended from outside. */
export type AbortReason = { readonly kind: "error"; readonly error: WorkerError } | { readonly kind: "disconnected" };

/** Creates the job of an accepted request. */
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

  /** Makes the text of the job from its tokens. */
  createPipeline(): Pipeline {
    return new TextPipeline(this.request.stop);
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

  /** The engine has released the job; `free` gives its slot to the next one. */
  leaveSlot(free: () => void): void {
    free();
  }

  /** Called once, when the job is completely over. */
  ended(): void {
    // Only needed by jobs that keep records.
  }
}
