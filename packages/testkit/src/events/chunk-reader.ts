import { InvalidOptionError } from "../errors/index.js";

/** Reads bytes chunk by chunk; `undefined` at the end. */
export interface ChunkReader {
  next(): Promise<Uint8Array | undefined>;
  /** Releases the source early, even while `next()` is pending; never throws. */
  abort(reason: unknown): void;
}

/** `abort` defaults to destroying a Node stream, or to `return()` of the iterator. */
export function fromIterable(iterable: AsyncIterable<Uint8Array>, abort?: (reason: unknown) => void): ChunkReader {
  const iterator = iterable[Symbol.asyncIterator]();
  return {
    async next() {
      const step = await iterator.next();
      return step.done === true ? undefined : checkChunk(step.value);
    },
    abort(reason) {
      attempt(() => {
        if (abort !== undefined) abort(reason);
        else if (isDestroyable(iterable)) iterable.destroy();
        // Not awaited: a generator answers only after its pending read.
        else return iterator.return?.();
      });
    },
  };
}

/** `null` is the body of a response that has none. */
export function fromReadableStream(stream: ReadableStream<Uint8Array> | null): ChunkReader {
  const reader = stream?.getReader();
  return {
    async next() {
      const step = await reader?.read();
      return step === undefined || step.done ? undefined : checkChunk(step.value);
    },
    abort(reason) {
      attempt(() => reader?.cancel(reason));
    },
  };
}

function checkChunk(chunk: unknown): Uint8Array {
  // Not `instanceof`: in a Jest realm, a Buffer is not a Uint8Array.
  if (ArrayBuffer.isView(chunk)) return chunk as Uint8Array;
  throw new InvalidOptionError({
    message: `Expected \`source\` to yield bytes (Uint8Array), got a ${typeof chunk}`,
    hint: "Do not call setEncoding() on the stream: a decoder needs the bytes.",
  });
}

function isDestroyable(value: object): value is { destroy(): void } {
  return "destroy" in value && typeof value.destroy === "function";
}

/** A failure to release the source does not change how the stream ended. */
function attempt(action: () => unknown): void {
  try {
    void Promise.resolve(action()).catch(() => undefined);
  } catch {
    // see above
  }
}
