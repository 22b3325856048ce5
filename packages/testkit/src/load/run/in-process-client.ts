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

  async run({ schedule, source, control, progress, keptLength }: PhaseOrder): Promise<readonly ClientReport[]> {
    const [part] = splitSchedule(schedule, 1) as [ClientSchedule];
    await ItlHistogram.create(); // loads its library, which blocks the event loop for 80 ms
    const watch = new ClientWatch();
    const { records, itl, gaps, texts } = await runPhase({
      target: this.#target,
      schedule: part,
      requestAt: (index) => source.take(index),
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
    return [{ records, itl: itl.encode(), gaps, texts, load: watch.stop(0) }];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
