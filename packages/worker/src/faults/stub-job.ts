import type { FaultIdOf } from "worker-orcd-control";
import type { EngineRequest, TokenGenerator } from "../engine/engine.js";
import type { StubEngine } from "../engine/stub/index.js";
import { Job, type FrameSink } from "../jobs/index.js";
import type { Pipeline } from "../text/index.js";
import type { JobFaults } from "./job-faults.js";
import type { EditContext } from "./payload-edits.js";
import type { Mutants } from "./mutants/mutants.js";
import { StubSink } from "./stub-sink.js";

/** Faults of job handling: queue, slot, client and stop sequences. Each is fired below. */
export const BEHAVIOR_FAULTS = [
  "ignores-stop",
  "ignores-cancel",
  "ignores-disconnect",
  "slot-leak",
] as const satisfies readonly FaultIdOf<"stub">[];

/** Parts of a {@link StubJob}. */
export interface StubJobParts extends EditContext {
  readonly request: EngineRequest;
  readonly sink: FrameSink;
  readonly correlationId: string;
  readonly engine: StubEngine;
  readonly faults: JobFaults;
  readonly mutants: Mutants;
  /** Called once, when the job is over. */
  readonly onEnded: () => void;
  /** Cancels all other jobs. */
  readonly endOthers: () => void;
}

/** A job that violates the contract where its faults require it. */
export class StubJob extends Job {
  readonly #engine: StubEngine;
  readonly #faults: JobFaults;
  readonly #mutants: Mutants;
  readonly #isStream: boolean;
  readonly #onEnded: () => void;
  readonly #endOthers: () => void;

  constructor({
    request,
    sink,
    correlationId,
    engine,
    faults,
    mutants,
    onEnded,
    otherTokens,
    endOthers,
  }: StubJobParts) {
    const ignoredStops = faults.of(["ignores-stop"]).length === 0 ? [] : request.stop;
    const heeded = ignoredStops.length === 0 ? request : { ...request, stop: [] };
    super(heeded, new StubSink(faults, sink, { ignoredStops, otherTokens }), correlationId);
    this.#engine = engine;
    this.#faults = faults;
    this.#mutants = mutants;
    this.#isStream = sink.form.framing !== "json";
    this.#onEnded = onEnded;
    this.#endOthers = endOthers;
  }

  override createPipeline(): Pipeline {
    return this.#mutants.createPipeline(this.request, this.#isStream);
  }

  override generate(): TokenGenerator {
    return this.#engine.generate(this.request, this.signal, this.#faults);
  }

  override cancel(): void {
    if (!this.#faults.fire("ignores-cancel")) this.#leave(() => super.cancel());
  }

  override disconnect(): void {
    if (!this.#faults.fire("ignores-disconnect")) this.#leave(() => super.disconnect());
  }

  override leaveSlot(free: () => void): void {
    if (!this.#faults.fire("slot-leak")) super.leaveSlot(free);
  }

  override ended(): void {
    this.#faults.settle({ how: "lost its client", generated: undefined });
    this.#onEnded();
  }

  #leave(proceed: () => void): void {
    this.#mutants.leave({ tokenCount: this.#faults.tokenCount, proceed, endOthers: this.#endOthers });
  }
}
