import type { RequestStart } from "./request-start.js";

/** Node's timers fire immediately if set to more. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The response headers were not complete in time. */
export class HeadersLateError extends Error {
  readonly code = "HEADERS_LATE";
}

/**
 * The time limit for the response headers of one request, from the moment it gets its connection. undici's own timer restarts with
 * each `HTTP/1.1 103`, of which a worker can send any number.
 */
export class HeaderLimit implements RequestStart {
  /** When the request got its connection, on the clock of `performance.now()`. */
  startedAtMs: number | undefined;
  readonly #limitMs: number;
  #timer: NodeJS.Timeout | undefined;
  #recheck: NodeJS.Immediate | undefined;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  onStart(abort: (reason: Error) => void): void {
    this.stop();
    this.startedAtMs = performance.now();
    if (this.#limitMs === Infinity) return;
    const expire = () => abort(new HeadersLateError(`no response headers within ${this.#limitMs} ms`));
    this.#timer = setTimeout(
      // A late timer proves nothing: the event loop may have been blocked while the headers were waiting in the socket. They are read
      // before the check phase.
      () => (this.#recheck = setImmediate(expire)),
      Math.min(this.#limitMs, LONGEST_TIMER_MS),
    );
  }

  /** The headers have arrived, or will not arrive. */
  stop(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#recheck);
  }
}
