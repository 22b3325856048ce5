/** Counts what a client has acknowledged of the notifications of one call. */
export class FlowWindow {
  readonly #signal: AbortSignal;
  #ackedCount = 0;
  #wakeUp: (() => void) | undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener("abort", () => this.#wakeUp?.(), { once: true });
  }

  /** Everything up to this number has arrived. */
  acknowledge(seq: number): void {
    this.#ackedCount = Math.max(this.#ackedCount, seq);
    this.#wakeUp?.();
  }

  /** Waits until fewer than `window` of `sentCount` are unacknowledged. @throws the reason of the signal. */
  async waitForRoom(sentCount: number, window: number): Promise<void> {
    while (sentCount - this.#ackedCount >= window) {
      this.#signal.throwIfAborted();
      await new Promise<void>((resolve) => (this.#wakeUp = resolve));
    }
    this.#signal.throwIfAborted();
  }
}
