import type { StreamTimeouts } from "../../events/index.js";
import type { JobTarget } from "../../jobs/index.js";
import { ItlHistogram } from "../metrics/itl-histogram.js";
import { ClientWatch } from "./client-watch.js";
import { splitSchedule, type ClientReport, type LoadClients, type PhaseOrder } from "./clients.js";
import { runPhase, type ClientSchedule } from "./run-phase.js";

/** The calling thread as the only client, with the connections of the worker's own harness. */
export class InProcessClient implements LoadClients {
  readonly #target: JobTarget;
  readonly #timeouts: StreamTimeouts | undefined;

  constructor(target: JobTarget, timeouts: StreamTimeouts | undefined) {
    this.#target = target;
    this.#timeouts = timeouts;
  }

  async run({
    schedule,
    source,
    stepStartsMs,
    control,
    progress,
    keptLength,
  }: PhaseOrder): Promise<readonly ClientReport[]> {
    const [part] = splitSchedule(schedule, 1) as [ClientSchedule];
    await ItlHistogram.create(); // loads its library, which blocks the event loop for 80 ms
    const watch = new ClientWatch();
    const { itl, stepItl, ...measured } = await runPhase({
      target: this.#target,
      schedule: part,
      requestAt: (index) => source.take(index),
      followUpsAt: (index) => source.followUpsOf(index),
      stepStartsMs,
      timeouts: this.#timeouts,
      client: 0,
      keptLength,
      cutSignal: control.cut.signal,
      onSent: () => progress.noteSent(),
      onRecord: (record) => {
        progress.noteDone(record);
        control.checkErrors();
      },
      onFailure: (error) => control.fail(error),
    });
    const encoded = { itl: itl.encode(), stepItl: stepItl.map((each) => each.encode()) };
    return [{ ...measured, ...encoded, load: watch.stop(0) }];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
