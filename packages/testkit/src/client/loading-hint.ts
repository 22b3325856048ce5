/** How long after the start a refused request may still mean that the model is loading, in ms. */
const LOADING_MS = 60_000;

const HINT =
  "The worker counted as ready when its port accepted a connection, and a server may listen while it still loads its model. Wait for a path that answers 200 once it can serve: ";

/**
 * Explains early refusals of a worker that counts as ready once its port is open (`ready: { kind: "port" }`). Gives no hint once the
 * worker has served a request, or a minute after the start.
 */
export class LoadingHint {
  readonly #readyPath: string | undefined;
  #endsAtMs = 0;

  /** @param readyPath the path that a worker may answer while loading. */
  constructor(readyPath: string | undefined) {
    this.#readyPath = readyPath;
  }

  /** The worker has just become ready. */
  begin(): void {
    this.#endsAtMs = performance.now() + LOADING_MS;
  }

  /** An answer has arrived. */
  noteAnswer(path: string, status: number): void {
    if (status < 400 && path !== this.#readyPath) this.#endsAtMs = 0;
  }

  /** The hint for a failure that a loading worker may have caused. */
  get text(): string | undefined {
    if (performance.now() >= this.#endsAtMs) return undefined;
    const path = this.#readyPath === undefined ? "…" : JSON.stringify(this.#readyPath);
    return `${HINT}\`ready: { kind: "http", path: ${path} }\`.`;
  }

  /** The hint for a response with that status. */
  forStatus(status: number): string | undefined {
    return status === 503 ? this.text : undefined;
  }
}
