import type { ResolvedStreamOptions } from "./timeouts.js";

/** The limits that {@link Watchdog} can report; `graceMs` is the end of the wait after a terminal event. */
export type TimeLimit = "firstTokenMs" | "tokenIdleMs" | "transportIdleMs" | "totalMs" | "graceMs";

interface Deadline {
  readonly limit: TimeLimit;
  readonly atMs: number;
}

const MAX_TIMER_MS = 2 ** 31 - 1;
/** How long a reader keeps reading buffered data after a deadline has passed: it may contain a token. */
const PATIENCE_MS = 100;

/**
 * Enforces the time limits of one stream with one timer. Progress only records the time; when the timer fires, it checks whether a
 * deadline has really passed and otherwise re-arms itself, so an event costs no timer operation.
 * Only the time between {@link resume} and {@link pause} counts for the idle limits.
 *
 * A source that always has a chunk ready never lets a timer fire; for those, the reading loop calls {@link findOverdue}.
 */
export class Watchdog {
  readonly #limits: ResolvedStreamOptions;
  readonly #onExpired: (limit: TimeLimit) => void;
  readonly #totalAtMs: number;
  #phase: "firstTokenMs" | "tokenIdleMs" | "graceMs" = "firstTokenMs";
  #phaseStartMs: number;
  #byteAtMs: number;
  #pausedAtMs: number | undefined;
  #overdueSinceMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #recheck: NodeJS.Immediate | undefined;

  constructor(limits: ResolvedStreamOptions, sentAtMs: number, onExpired: (limit: TimeLimit) => void) {
    this.#limits = limits;
    this.#onExpired = onExpired;
    this.#totalAtMs = sentAtMs + limits.totalMs;
    this.#phaseStartMs = sentAtMs;
    this.#byteAtMs = performance.now();
    this.#pausedAtMs = this.#byteAtMs;
  }

  /** A read begins. */
  resume(nowMs: number): void {
    const gapMs = nowMs - (this.#pausedAtMs ?? nowMs);
    this.#pausedAtMs = undefined;
    this.#phaseStartMs += gapMs;
    this.#byteAtMs += gapMs;
    if (this.#timer === undefined) this.#arm(nowMs);
  }

  /** A read is over and its bytes are decoded; nothing expires until the next one. */
  pause(nowMs: number): void {
    this.#pausedAtMs = nowMs;
    this.#byteAtMs = nowMs;
  }

  /** Token events arrived. */
  noteToken(nowMs: number): void {
    if (this.#phase === "firstTokenMs") this.#enter("tokenIdleMs", nowMs);
    else if (this.#phase === "tokenIdleMs") this.#phaseStartMs = nowMs;
  }

  /** A terminal event arrived: only the grace counts from now on. */
  noteTerminal(nowMs: number): void {
    if (this.#phase !== "graceMs") this.#enter("graceMs", nowMs);
  }

  /**
   * The limit that was exceeded; called after each chunk. Buffered data cannot change the total time. Any other limit must stay exceeded
   * for a while, because the event loop may have been blocked while tokens arrived.
   */
  findOverdue(nowMs: number): TimeLimit | undefined {
    if (this.#phase !== "graceMs" && nowMs >= this.#totalAtMs) return "totalMs";
    const { limit, atMs } = this.#nearest();
    if (nowMs < atMs) this.#overdueSinceMs = undefined;
    else this.#overdueSinceMs ??= nowMs;
    return nowMs - (this.#overdueSinceMs ?? nowMs) >= PATIENCE_MS ? limit : undefined;
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#recheck);
    this.#timer = undefined;
  }

  #enter(phase: "tokenIdleMs" | "graceMs", nowMs: number): void {
    this.#phase = phase;
    this.#phaseStartMs = nowMs;
    this.stop(); // the new deadline may be nearer than the timer; the next read sets it again
  }

  #nearest(): Deadline {
    let nearest: Deadline = { limit: this.#phase, atMs: this.#phaseStartMs + this.#limits[this.#phase] };
    if (this.#phase === "graceMs") return nearest;
    const idleAtMs = this.#byteAtMs + this.#limits.transportIdleMs;
    if (idleAtMs < nearest.atMs) nearest = { limit: "transportIdleMs", atMs: idleAtMs };
    if (this.#totalAtMs < nearest.atMs) nearest = { limit: "totalMs", atMs: this.#totalAtMs };
    return nearest;
  }

  #arm(nowMs: number): void {
    const delayMs = Math.min(Math.max(1, Math.ceil(this.#nearest().atMs - nowMs)), MAX_TIMER_MS);
    this.#timer = setTimeout(() => this.#fire(), delayMs);
  }

  #fire(): void {
    this.#timer = undefined;
    if (this.#pausedAtMs !== undefined) return;
    const nowMs = performance.now();
    if (this.#nearest().atMs > nowMs) {
      this.#arm(nowMs);
      return;
    }
    // A late timer proves nothing: the loop may have been blocked while bytes waited in the socket. They are read before the check phase.
    this.#recheck = setImmediate(() => this.#expire());
  }

  #expire(): void {
    if (this.#pausedAtMs !== undefined) return;
    const nowMs = performance.now();
    const { limit, atMs } = this.#nearest();
    if (atMs <= nowMs) this.#onExpired(limit);
    else if (this.#timer === undefined) this.#arm(nowMs);
  }
}
