import type { StreamWatch, WatchedRequest } from "../../client/index.js";
import { Exchange } from "./exchange.js";

/** Approximate memory used per request besides its body. */
const REQUEST_BYTES = 512;

/** Observes every request of a worker and keeps as much as there is room for. */
export class Recorder {
  /** On the clock of `performance.now()`. */
  readonly startedAtMs = performance.now();
  readonly startedAt = new Date();
  readonly #exchanges: Exchange[] = [];
  #room: number;
  #droppedCount = 0;

  /** @param maxBytes of the bundle; data takes more room when written than in memory. */
  constructor(maxBytes: number) {
    this.#room = maxBytes;
  }

  get exchanges(): readonly Exchange[] {
    return this.#exchanges;
  }

  /** Number of requests of which nothing is kept. */
  get droppedCount(): number {
    return this.#droppedCount;
  }

  watch(request: WatchedRequest): StreamWatch | undefined {
    if (!this.#retain(REQUEST_BYTES + (request.body?.length ?? 0))) {
      this.#droppedCount += 1;
      return undefined;
    }
    const exchange = new Exchange(this.#exchanges.length + 1, request, (byteCount) => this.#retain(byteCount));
    this.#exchanges.push(exchange);
    return exchange;
  }

  /**
   * Once something did not fit, nothing more is kept: a gap in the middle would be harder to notice
   * than a truncated end.
   */
  #retain(byteCount: number): boolean {
    this.#room = byteCount <= this.#room ? this.#room - byteCount : 0;
    return this.#room > 0;
  }
}
