import type { FaultPoint } from "worker-orcd-control";
import type { Inspection } from "../dialects/index.js";
import { isLate, type Piece, type PieceReader } from "./pieces.js";

/** What a fault inside the body needs to know. */
export interface BodyContext {
  /** When the headers arrived, on the clock of `performance.now()`. */
  readonly headersAtMs: number;
  /** Fires when the client has left, or the proxy stops. */
  readonly signal: AbortSignal;
  /** How events of the dialect are recognized. */
  readonly inspection?: Inspection | undefined;
}

/**
 * Passes pieces on until a point in the answer: exactly after the nth token event, exactly after the nth byte of the body, or at a time
 * after the headers. Returns false if the answer ended first.
 */
export async function* passUntil(
  reader: PieceReader,
  point: FaultPoint,
  context: BodyContext,
): AsyncGenerator<Piece, boolean> {
  if (point === "after-headers") return true;
  if ("afterMs" in point) return yield* passUntilTime(reader, context.headersAtMs + point.afterMs, context);
  return "afterTokens" in point
    ? yield* passTokens(reader, point.afterTokens)
    : yield* passBytes(reader, point.afterBytes);
}

async function* passTokens(reader: PieceReader, count: number): AsyncGenerator<Piece, boolean> {
  for (let left = count; left > 0;) {
    const piece = await reader.next();
    if (piece === undefined) return false;
    yield piece;
    left -= piece.events?.filter((event) => event === "token").length ?? 0;
  }
  return true;
}

async function* passBytes(reader: PieceReader, count: number): AsyncGenerator<Piece, boolean> {
  for (let left = count; left > 0;) {
    const piece = await reader.next();
    if (piece === undefined) return false;
    if (piece.bytes.length > left) {
      yield { bytes: piece.bytes.subarray(0, left) };
      reader.unread({ ...piece, bytes: piece.bytes.subarray(left) });
      return true;
    }
    yield piece;
    left -= piece.bytes.length;
  }
  return true;
}

async function* passUntilTime(
  reader: PieceReader,
  atMs: number,
  { signal }: BodyContext,
): AsyncGenerator<Piece, boolean> {
  for (;;) {
    if (performance.now() >= atMs) return true;
    const piece = await reader.nextBefore(atMs, signal);
    signal.throwIfAborted();
    if (isLate(piece)) return true;
    if (piece === undefined) return false;
    yield piece;
  }
}
