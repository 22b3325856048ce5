/**
 * Calls `tick` at `startedAt + k × everyMs`, in absolute time, so that it does not drift. A tick during which the last call is
 * still running is skipped and counted.
 */
export class Schedule {
  readonly #everyMs: number;
  readonly #tick: () => Promise<unknown>;
  readonly #startedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #index = 0;
  #missedCount = 0;
  #stopped = false;

  constructor(everyMs: number, tick: () => Promise<unknown>) {
    this.#everyMs = everyMs;
    this.#tick = tick;
    this.#plan();
  }

  get missedCount(): number {
    return this.#missedCount;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #plan(): void {
    const now = performance.now();
    const next = Math.max(this.#index + 1, Math.ceil((now - this.#startedAt) / this.#everyMs));
    this.#missedCount += next - this.#index - 1;
    this.#index = next;
    this.#timer = setTimeout(() => void this.#run(), this.#startedAt + next * this.#everyMs - now);
    this.#timer.unref(); // a monitor that is never stopped must not keep the process alive
  }

  async #run(): Promise<void> {
    await this.#tick();
    if (!this.#stopped) this.#plan();
  }
}
