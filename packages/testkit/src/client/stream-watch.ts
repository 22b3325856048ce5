/** Looks on while one execute request is answered and its body is read. Must not throw. */
export interface StreamWatch {
  /** The request failed before an answer came. */
  onFailed(): void;
  onHeaders(status: number): void;
  /** A slice of the body, before its reader gets it. */
  onChunk(chunk: Uint8Array): void;
  /** The body has ended or broken, or its reader has left. */
  onEnd(): void;
}

/** Chooses who looks on at one execute request; `undefined` for nobody. */
export type StreamWatcher = (jobId: string | undefined) => StreamWatch | undefined;

/** The same body, with somebody who looks on. */
export async function* watchBody(
  body: AsyncIterable<Uint8Array>,
  watch: StreamWatch,
): AsyncGenerator<Uint8Array, void> {
  try {
    for await (const chunk of body) {
      watch.onChunk(chunk);
      yield chunk;
    }
  } finally {
    watch.onEnd();
  }
}
