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
  readonly #keepsBytes: boolean;
  #room: number;
  #droppedCount = 0;

  /**
   * @param maxBytes of the bundle; data takes more room when written than in memory.
   * @param options.keepsBytes keeps the body of a stream as it arrived, even if its events describe it. @default false
   */
  constructor(maxBytes: number, { keepsBytes = false }: { readonly keepsBytes?: boolean } = {}) {
    this.#room = maxBytes;
    this.#keepsBytes = keepsBytes;
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
    const exchange = new Exchange(this.#exchanges.length + 1, request, {
      retain: (byteCount) => this.#retain(byteCount),
      keepsBytes: this.#keepsBytes,
    });
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
