/** How long after the start a refused request may still mean that the model is being loaded, in ms. */
const LOADING_MS = 60_000;

const HINT =
  'The worker counted as ready when its port accepted a connection, and a server may listen while it still loads its model. Wait for a path that answers 200 once it can serve: `ready: { kind: "http", path: "/health" }`.';

/**
 * Explains the first refusals of a worker whose readiness was an open port, `ready: { kind: "port" }`. It is silent once the worker has
 * served a request, or a minute after the start.
 */
export class LoadingHint {
  #endsAtMs = 0;

  /** The worker has just become ready. */
  begin(): void {
    this.#endsAtMs = performance.now() + LOADING_MS;
  }

  /** An answer has come. A worker that is loading may answer `/health`. */
  noteAnswer(path: string, status: number): void {
    if (status < 400 && path !== "/health") this.#endsAtMs = 0;
  }

  /** For a failure that a loading worker may have caused. */
  get text(): string | undefined {
    return performance.now() < this.#endsAtMs ? HINT : undefined;
  }

  /** For an answer with that status. */
  forStatus(status: number): string | undefined {
    return status === 503 ? this.text : undefined;
  }
}
