import { once } from "node:events";
import type { Writable } from "node:stream";
import { settlesWithin } from "../../launch/index.js";

/** Where the lines of the protocol go. A reader that is slow pauses whoever asks {@link isFull}; nothing is dropped. */
export class LineOutput {
  readonly #stream: Writable;
  readonly #write: Writable["write"];

  /** Takes over the stream: from now on, anything else that is written to it goes to `stray`. */
  constructor(stream: Writable, stray: Writable) {
    this.#stream = stream;
    this.#write = stream.write.bind(stream);
    stream.write = stray.write.bind(stray);
  }

  /** Whether the reader is behind. */
  get isFull(): boolean {
    return this.#stream.writableNeedDrain;
  }

  write(line: string): void {
    if (this.#stream.writable) this.#write(line);
  }

  /** Calls back when the reader has caught up. */
  onDrain(callback: () => void): void {
    this.#stream.once("drain", callback);
  }

  /** Calls back once if the reader is gone. */
  onBroken(callback: () => void): void {
    this.#stream.once("error", callback).once("close", callback);
  }

  /** Waits until everything was read, for at most this time. */
  async drain(timeoutMs: number): Promise<void> {
    if (!this.#stream.writable || this.#stream.writableLength === 0) return;
    await settlesWithin(
      once(this.#stream, "drain").catch(() => undefined),
      timeoutMs,
    );
  }
}
