import type { FaultHit } from "worker-orcd-control";
import { sleepUntil } from "./sleep.js";
import type { StreamSlice } from "./stream-splitter.js";

/**
 * How a response ends: properly; by closing or resetting the connection in the middle of the body; with an invalid chunk; or not until the
 * client leaves.
 */
export type Ending = "clean" | "fin" | "rst" | "bad-chunk" | "hang";

/** A piece of the body in transit to the client; it never crosses the end of an event. */
export interface Piece extends StreamSlice {
  /** The fault that has happened once this piece is sent. */
  readonly fires?: FaultHit | undefined;
  /** The body ends properly with this piece, and the connection is left as it is. */
  readonly endsBody?: boolean | undefined;
  /** The answer ends after this piece. */
  readonly ending?: Ending | undefined;
}

export type Pieces = AsyncGenerator<Piece, void>;

const LATE = "late";
/** Events are joined up to this size; a larger one would need unbounded memory. */
const MOST_JOINED_BYTES = 1024 * 1024;
export const NO_BYTES = Buffer.alloc(0);

/** Reads pieces one at a time, can put one back, and can stop waiting at a given time without losing what arrives later. */
export class PieceReader {
  readonly #source: Pieces;
  readonly #returned: Piece[] = [];
  #next: Promise<Piece | undefined> | undefined;

  constructor(source: Pieces) {
    this.#source = source;
  }

  /** The next piece; undefined at the end. */
  async next(): Promise<Piece | undefined> {
    const returned = this.#returned.pop();
    if (returned !== undefined) return returned;
    const next = this.#request();
    const piece = await next;
    this.#next = undefined;
    return piece;
  }

  /** The next piece, or {@link LATE} if the time is reached first. */
  async nextBefore(atMs: number, signal: AbortSignal): Promise<Piece | undefined | typeof LATE> {
    if (this.#returned.length > 0) return this.next();
    const waiting = new AbortController();
    const late = sleepUntil(atMs, AbortSignal.any([signal, waiting.signal])).then(
      () => LATE as typeof LATE,
      () => LATE as typeof LATE,
    );
    const first = await Promise.race([this.#request(), late]);
    waiting.abort();
    if (first !== LATE) this.#next = undefined;
    return first;
  }

  /** Puts a piece back; it will be the next one. */
  unread(piece: Piece): void {
    this.#returned.push(piece);
  }

  /** All remaining pieces. */
  async *rest(): Pieces {
    for (let piece = await this.next(); piece !== undefined; piece = await this.next()) yield piece;
  }

  #request(): Promise<Piece | undefined> {
    if (this.#next !== undefined) return this.#next;
    const next = this.#source.next().then(({ value }) => value ?? undefined);
    next.catch(() => undefined); // reported to the next caller
    this.#next = next;
    return next;
  }
}

export function isLate(piece: Piece | undefined | typeof LATE): piece is typeof LATE {
  return piece === LATE;
}

/**
 * Joins pieces so that each is a whole event. An event that is incomplete at the end of the answer is passed on unchanged, and so is one of
 * more than 1 MiB, such as one that never ends.
 */
export async function* wholeEvents(pieces: Pieces): Pieces {
  const open: Piece[] = [];
  let openBytes = 0;
  for await (const piece of pieces) {
    if (open.length === 0 && openBytes === 0 && piece.events !== undefined) {
      yield piece;
      continue;
    }
    open.push(piece);
    openBytes += piece.bytes.length;
    const isOver = piece.events !== undefined || piece.ending !== undefined;
    if (openBytes > MOST_JOINED_BYTES) yield* open.splice(0).map((part) => ({ ...part, events: undefined }));
    else if (isOver) yield { ...piece, bytes: Buffer.concat(open.splice(0).map(({ bytes }) => bytes)) };
    if (isOver) openBytes = 0;
  }
  yield* open;
}
