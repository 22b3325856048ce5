import { combine, mix32, toUnit, type FaultHit } from "worker-orcd-control";
import { isIn, type ProxyFaultId } from "./fault-ids.js";
import { PieceQueue } from "./piece-queue.js";
import { NO_BYTES, type Piece, type Pieces } from "./pieces.js";
import type { BodyContext } from "./point.js";
import { sleepUntil } from "./sleep.js";

/** The most that `buffered` holds back. */
const MOST_BUFFERED_BYTES = 16 * 1024 * 1024;
/** How much `bandwidth` sends at once: small enough for a slow stream to arrive evenly. */
const BANDWIDTH_SLICE_MS = 10;

type Pace<Id extends ProxyFaultId> = (pieces: Pieces, hit: FaultHit<Id>, context: BodyContext) => Pieces;

const PACES = {
  latency: delay,
  buffered: holdBack,
  "reset-at-close": resetAtClose,
  drip: (pieces, hit, context) => {
    const { bytes, everyMs } = hit.fault.params;
    return slowDown(pieces, { hit, context, sliceBytes: bytes, durationMs: () => everyMs });
  },
  bandwidth: (pieces, hit, context) => {
    const { bytesPerSec } = hit.fault.params;
    const sliceBytes = Math.max(1, Math.floor((bytesPerSec * BANDWIDTH_SLICE_MS) / 1000));
    return slowDown(pieces, { hit, context, sliceBytes, durationMs: (bytes) => (bytes * 1000) / bytesPerSec });
  },
} as const satisfies { readonly [Id in ProxyFaultId]?: Pace<Id> };

export type PaceFaultId = keyof typeof PACES;

/** Whether a fault changes when the bytes are sent. */
export const isPace = isIn<PaceFaultId>(PACES);

/** Changes when the bytes are sent: on an absolute schedule, in order, never before they arrived. */
export function pace(pieces: Pieces, hit: FaultHit<PaceFaultId>, context: BodyContext): Pieces {
  return (PACES[hit.fault.id] as Pace<PaceFaultId>)(pieces, hit, context);
}

async function* holdBack(pieces: Pieces, hit: FaultHit<"buffered">): Pieces {
  const held: Piece[] = [];
  for (let heldBytes = 0; heldBytes <= MOST_BUFFERED_BYTES;) {
    const { value: piece } = await pieces.next();
    if (piece === undefined) break;
    held.push(piece);
    heldBytes += piece.bytes.length;
  }
  for (const [index, piece] of held.entries())
    yield index === held.length - 1 ? { ...piece, fires: piece.fires ?? hit } : piece;
  yield* pieces;
}

/** The body ends properly. Then the connection is reset, unless the client, to which the close was announced, has closed it by then. */
async function* resetAtClose(pieces: Pieces, hit: FaultHit<"reset-at-close">, { signal }: BodyContext): Pieces {
  yield* pieces;
  yield { bytes: NO_BYTES, endsBody: true, fires: hit };
  await sleepUntil(performance.now() + hit.fault.params.ms, signal);
  yield { bytes: NO_BYTES, ending: "rst" };
}

interface SlowDown {
  readonly hit: FaultHit;
  readonly context: BodyContext;
  readonly sliceBytes: number;
  /** The time that this number of bytes takes. */
  readonly durationMs: (bytes: number) => number;
}

/**
 * Reads no further than it sends, so that the worker sees back-pressure as from a slow client. Time without data shifts the schedule; a
 * late timer does not.
 */
async function* slowDown(pieces: Pieces, { hit, context, sliceBytes, durationMs }: SlowDown): Pieces {
  let dueMs = performance.now();
  for (;;) {
    const askedMs = performance.now();
    const { value: piece } = await pieces.next();
    if (piece === undefined) return;
    dueMs += performance.now() - askedMs;
    for (const slice of cut(piece, sliceBytes)) {
      dueMs += durationMs(slice.bytes.length);
      await sleepUntil(dueMs, context.signal);
      if (slice.bytes.length > 0) hit.fire();
      yield slice;
    }
  }
}

function* cut(piece: Piece, sliceBytes: number): Generator<Piece> {
  let at = 0;
  for (; piece.bytes.length - at > sliceBytes; at += sliceBytes)
    yield { bytes: piece.bytes.subarray(at, at + sliceBytes) };
  yield { ...piece, bytes: piece.bytes.subarray(at) };
}

/** Delays every byte by the same time plus jitter. The number of bytes in flight is bounded. */
async function* delay(pieces: Pieces, hit: FaultHit<"latency">, { signal }: BodyContext): Pieces {
  const { ms, jitterMs } = hit.fault.params;
  const seed = mix32(Math.floor(hit.draw * 2 ** 32));
  const queue = new PieceQueue(pieces, signal);
  let dueMs = 0;
  for (let index = 0; ; index++) {
    const { piece, atMs } = await queue.take();
    const offset = jitterMs * (2 * toUnit(combine(seed, index)) - 1);
    dueMs = Math.max(dueMs, atMs + Math.max(0, ms + offset));
    await sleepUntil(dueMs, signal);
    if (piece === undefined) return;
    if (piece.bytes.length > 0) hit.fire();
    yield piece;
  }
}
