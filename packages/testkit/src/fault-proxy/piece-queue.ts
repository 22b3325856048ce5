import type { Piece, Pieces } from "./pieces.js";

const MOST_BYTES = 1024 * 1024;
const MOST_PIECES = 4096;

/** A piece and when it arrived, on the clock of `performance.now()`; undefined at the end. */
export interface Arrival {
  readonly piece: Piece | undefined;
  readonly atMs: number;
}

/**
 * Reads ahead like a long link with data in flight: at most 1 MiB, then the worker sees back-pressure.
 */
export class PieceQueue {
  readonly #arrivals: Arrival[] = [];
  #bytes = 0;
  #failure: { readonly error: unknown } | undefined;
  #wakeTaker: (() => void) | undefined;
  #wakeReader: (() => void) | undefined;

  constructor(pieces: Pieces, signal: AbortSignal) {
    signal.addEventListener("abort", () => this.#wakeReader?.(), { once: true });
    this.#read(pieces, signal).catch((error: unknown) => {
      this.#failure = { error };
      this.#wakeTaker?.();
    });
  }

  /** @throws what the source threw, once everything before it was taken. */
  async take(): Promise<Arrival> {
    for (;;) {
      const arrival = this.#arrivals.shift();
      if (arrival !== undefined) {
        this.#bytes -= arrival.piece?.bytes.length ?? 0;
        this.#wakeReader?.();
        return arrival;
      }
      if (this.#failure !== undefined) throw this.#failure.error;
      await new Promise<void>((resolve) => (this.#wakeTaker = resolve));
    }
  }

  async #read(pieces: Pieces, signal: AbortSignal): Promise<void> {
    for await (const piece of pieces) {
      this.#push(piece);
      while (this.#isFull() && !signal.aborted) await new Promise<void>((resolve) => (this.#wakeReader = resolve));
    }
    this.#push(undefined);
  }

  #push(piece: Piece | undefined): void {
    this.#arrivals.push({ piece, atMs: performance.now() });
    this.#bytes += piece?.bytes.length ?? 0;
    this.#wakeTaker?.();
  }

  #isFull(): boolean {
    return this.#bytes >= MOST_BYTES || this.#arrivals.length >= MOST_PIECES;
  }
}
