/** When each fault first fired, on the clock of `performance.now()`. */
export class FiredTimes {
  readonly #atMs = new Map<string, number>();
  readonly #listeners = new Set<() => void>();

  note(key: string): void {
    if (!this.#atMs.has(key)) this.#atMs.set(key, performance.now());
    for (const listener of this.#listeners) listener();
  }

  atMs(key: string): number | undefined {
    return this.#atMs.get(key);
  }

  /** The key will be reused for a fault of the next process. */
  forget(key: string): void {
    this.#atMs.delete(key);
  }

  /** Calls back after every fault that fires, until the returned function is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
