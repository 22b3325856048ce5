import { setMaxListeners } from "node:events";
import { formatMs, plural } from "../../numbers/index.js";
import type { EndReason, LoadResult } from "../result.js";
import type { ResolvedStop } from "../schedule/stop.js";
import type { ProgressState } from "./progress.js";

/** An error rate over fewer requests is meaningless. */
const ERROR_RATE_FROM = 20;
const WATCH_EVERY_MS = 100;

/** What can end a phase before its schedule does. */
export interface PhaseBounds {
  readonly stop: ResolvedStop;
  readonly stallTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Decides whether a phase is cut short, and why; the first reason counts. */
export class PhaseControl {
  /** Fires when requests in flight must be cut off; nothing is sent after that. */
  readonly cut = new AbortController();
  readonly #bounds: PhaseBounds;
  readonly #progress: ProgressState;
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort = (): void => this.end("abort", "the signal fired");
  #ended: LoadResult["ended"] | undefined;
  #failure: { readonly cause: unknown } | undefined;

  constructor(bounds: PhaseBounds, progress: ProgressState) {
    this.#bounds = bounds;
    this.#progress = progress;
    // Every stream adds a listener, and Node reports more than ten as a leak.
    setMaxListeners(0, this.cut.signal);
    this.#timer = setInterval(() => this.#watch(), WATCH_EVERY_MS);
    bounds.signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (bounds.signal?.aborted === true) this.#onAbort();
  }

  /** Why the phase was cut short, if it was. */
  get ended(): LoadResult["ended"] | undefined {
    return this.#ended;
  }

  /** Cuts the phase short. */
  end(by: EndReason, message: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = { by, message };
    this.cut.abort(new Error(message));
  }

  /** Cuts the phase short because it cannot continue; {@link close} throws the cause. */
  fail(cause: unknown): void {
    this.#failure ??= { cause };
    this.end("abort", "it failed");
  }

  /** Call this after each request. */
  checkErrors(): void {
    const { done, failed } = this.#progress;
    const { errorRate } = this.#bounds.stop;
    if (done < ERROR_RATE_FROM || failed / done <= errorRate) return;
    this.end("error-rate", `${failed} of ${done} requests failed: the error rate is above the limit of ${errorRate}`);
  }

  /** Stops watching. @throws what was passed to {@link fail} */
  close(): void {
    clearInterval(this.#timer);
    this.#bounds.signal?.removeEventListener("abort", this.#onAbort);
    if (this.#failure !== undefined) throw this.#failure.cause;
  }

  #watch(): void {
    this.#progress.reportIfDue();
    const idleMs = performance.now() - this.#progress.lastActivityMs;
    if (this.#progress.running === 0 || idleMs < this.#bounds.stallTimeoutMs) return;
    this.end("stall", describeStall(this.#progress.running, idleMs));
  }
}

function describeStall(running: number, idleMs: number): string {
  const [verb, which] = running === 1 ? ["is", "it has not"] : ["are", "none has"];
  return `${plural(running, "request")} ${verb} in flight, and ${which} ended for ${formatMs(idleMs)}`;
}
