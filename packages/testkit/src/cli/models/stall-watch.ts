/** Rejects when there was no progress for a while. */
export class StallWatch {
  /** Never resolves. */
  readonly stalled: Promise<never>;
  readonly #timeoutMs: number;
  #reject: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number, createError: () => Error) {
    this.#timeoutMs = timeoutMs;
    this.stalled = new Promise<never>((_, reject) => {
      this.#reject = () => reject(createError());
    });
    this.stalled.catch(() => undefined);
    this.#restart();
  }

  grow(amount: number): void {
    if (amount > 0) this.#restart();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #restart(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#reject, this.#timeoutMs);
  }
}
