import type { StreamWatch, WatchedRequest } from "../../client/index.js";
import { Exchange } from "./exchange.js";

/** What is kept of a request besides its body, about. */
const REQUEST_BYTES = 512;

/** Looks on at every request of a worker, and keeps what it sees as far as there is room. */
export class Recorder {
  /** On the clock of `performance.now()`. */
  readonly startedAtMs = performance.now();
  readonly startedAt = new Date();
  readonly #exchanges: Exchange[] = [];
  #room: number;
  #droppedCount = 0;

  /** @param maxBytes of the bundle; what is kept in memory takes more room when it is written. */
  constructor(maxBytes: number) {
    this.#room = maxBytes;
  }

  get exchanges(): readonly Exchange[] {
    return this.#exchanges;
  }

  /** Requests of which nothing is kept. */
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

  /** Once something had no room, nothing has: a gap in the middle would be harder to see than a cut. */
  #retain(byteCount: number): boolean {
    this.#room = byteCount <= this.#room ? this.#room - byteCount : 0;
    return this.#room > 0;
  }
}
