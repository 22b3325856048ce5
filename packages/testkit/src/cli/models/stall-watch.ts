/** Rejects when a figure has not grown for a while. Retries of a downloader may make it fall and rise again: that is no growth. */
export class StallWatch {
  /** Never resolves. */
  readonly stalled: Promise<never>;
  readonly #timeoutMs: number;
  #reject: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  #highest = 0;

  constructor(timeoutMs: number, createError: (highest: number) => Error) {
    this.#timeoutMs = timeoutMs;
    this.stalled = new Promise<never>((_, reject) => {
      this.#reject = () => reject(createError(this.#highest));
    });
    this.stalled.catch(() => undefined);
    this.#restart();
  }

  update(value: number): void {
    if (value <= this.#highest) return;
    this.#highest = value;
    this.#restart();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #restart(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#reject, this.#timeoutMs);
  }
}
