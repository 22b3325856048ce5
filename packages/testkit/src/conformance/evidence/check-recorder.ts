import type { StreamWatch, WatchedRequest } from "../../client/index.js";
import { Recorder, type Exchange } from "../../evidence/index.js";

/** Memory for what one check sends and receives; beyond it, requests are counted and not kept. */
const MOST_BYTES = 32 * 1024 * 1024;

/** Keeps everything that one attempt of a check sends and receives. */
export class CheckRecorder {
  readonly #recorder = new Recorder(MOST_BYTES, { keepsBytes: true });

  watch(request: WatchedRequest): StreamWatch | undefined {
    return this.#recorder.watch(request);
  }

  get exchanges(): readonly Exchange[] {
    return this.#recorder.exchanges;
  }

  /** Requests of which nothing is kept. */
  get droppedCount(): number {
    return this.#recorder.droppedCount;
  }
}
