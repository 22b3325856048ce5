import type { FaultHit } from "worker-orcd-control";
import type { Inspection } from "../dialects/index.js";
import type { ConnectionFaultId } from "./connection-faults.js";
import { isIn, type PORT_FAULT_IDS, type ProxyFaultId } from "./fault-ids.js";
import { EVENT_EDITS, type EventFaultId } from "./event-faults.js";
import type { FramingFaultId } from "./framing-faults.js";
import type { HeadFaultId } from "./head-faults.js";
import type { PaceFaultId } from "./pace-faults.js";
import { NO_BYTES, PieceReader, wholeEvents, type Ending, type Piece, type Pieces } from "./pieces.js";
import { passUntil, type BodyContext } from "./point.js";
import type { ReplacingFaultId } from "./replacing-faults.js";
import { sleepUntil, sleepUntilAborted } from "./sleep.js";

/** Every fault that no other table implements. A fault that is only in the catalogue is a compile error here. */
type PointFaultId = Exclude<
  ProxyFaultId,
  (typeof PORT_FAULT_IDS)[number] | ConnectionFaultId | ReplacingFaultId | HeadFaultId | FramingFaultId | PaceFaultId
>;

interface PointFault<Id extends PointFaultId = PointFaultId> {
  readonly hit: FaultHit<Id>;
  readonly reader: PieceReader;
  readonly context: BodyContext;
}
type Action<Id extends PointFaultId> = (fault: PointFault<Id>) => Pieces;

const FILLER_BYTES = 16 * 1024;

/** Acts at the point; the rest of the worker's answer is in the reader. */
const ACTIONS: { readonly [Id in PointFaultId]: Action<Id> } = {
  "drop-event": editEvent,
  "repeat-event": editEvent,
  "swap-events": editEvent,
  "merge-events": editEvent,
  "split-event": editEvent,
  rst: end("rst"),
  fin: end("fin"),
  "clean-end": end("clean"),
  "limit-bytes": end("fin"),
  "bad-chunk": end("bad-chunk"),
  "terminal-then-hang": end("hang"),
  "terminal-then-rst": end("rst"),
  "clean-end-mid-event": async function* ({ hit, reader }) {
    const piece = await reader.next();
    if (piece === undefined) return;
    const bytes = piece.bytes.subarray(0, Math.ceil(piece.bytes.length / 2));
    yield { bytes, fires: hit, ending: "clean" };
  },
  stall: async function* ({ hit, reader, context }) {
    yield { bytes: NO_BYTES, fires: hit };
    const { ms } = hit.fault.params;
    if (ms === undefined) await sleepUntilAborted(context.signal);
    else await sleepUntil(performance.now() + ms, context.signal);
    yield* reader.rest();
  },
  "comments-only": async function* ({ hit, context }) {
    for (let dueMs = performance.now(); ; dueMs += hit.fault.params.everyMs) {
      await sleepUntil(dueMs, context.signal);
      yield { bytes: Buffer.from(": still here\n\n"), events: [""], fires: hit };
    }
  },
  "huge-event": async function* ({ hit, reader }) {
    yield { bytes: Buffer.from('event: metrics\ndata: {"type":"metrics","padding":"'), fires: hit };
    yield* filler(hit.fault.params.bytes);
    yield { bytes: Buffer.from('"}\n\n'), events: ["metrics"] };
    yield* reader.rest();
  },
  "endless-line": async function* ({ hit }) {
    yield { bytes: Buffer.from("data: "), fires: hit };
    yield* filler(hit.fault.params.bytes);
    yield { bytes: NO_BYTES, ending: "hang" };
  },
  "invalid-utf8": async function* ({ hit, reader, context }) {
    for await (const piece of wholeEvents(reader.rest())) {
      const at = piece.events?.includes("token") === true ? findText(piece.bytes, context.inspection) : -1;
      if (at === -1) {
        yield piece;
        continue;
      }
      const bytes = Buffer.concat([piece.bytes.subarray(0, at), Buffer.of(0xff), piece.bytes.subarray(at)]);
      yield { ...piece, bytes, fires: hit };
      yield* reader.rest();
      return;
    }
  },
};

/** Whether a fault happens at a point in the body. */
export const isPoint = isIn<PointFaultId>(ACTIONS);

/** Performs a fault at its point in the body. */
export async function* breakAtPoint(pieces: Pieces, hit: FaultHit<PointFaultId>, context: BodyContext): Pieces {
  const reader = new PieceReader(pieces);
  const isAfterTerminal = hit.fault.id === "terminal-then-hang" || hit.fault.id === "terminal-then-rst";
  const reached = isAfterTerminal ? passTerminal(reader) : passUntil(reader, pointOf(hit), context);
  if (!(yield* reached)) return;
  yield* (ACTIONS[hit.fault.id] as Action<PointFaultId>)({ hit, reader, context });
}

function pointOf({ fault }: FaultHit<PointFaultId>) {
  return fault.id === "limit-bytes" ? { afterBytes: fault.params.bytes } : (fault.at ?? "after-headers");
}

async function* passTerminal(reader: PieceReader): AsyncGenerator<Piece, boolean> {
  for await (const piece of reader.rest()) {
    yield piece;
    if (piece.events?.some((event) => event === "end" || event === "error") === true) return true;
  }
  return false;
}

/** Edits the next token event, and passes the rest on. */
async function* editEvent({ hit, reader }: PointFault<EventFaultId>): Pieces {
  const whole = new PieceReader(wholeEvents(reader.rest()));
  for (let piece = await whole.next(); piece !== undefined; piece = await whole.next()) {
    if (piece.events?.includes("token") !== true) {
      yield piece;
      continue;
    }
    yield* EVENT_EDITS[hit.fault.id]({ piece, whole, hit });
    yield* whole.rest();
    return;
  }
}

function end(ending: Ending): Action<PointFaultId> {
  return async function* ({ hit }) {
    await Promise.resolve();
    yield { bytes: NO_BYTES, fires: hit, ending };
  };
}

async function* filler(byteCount: number): Pieces {
  const bytes = Buffer.alloc(FILLER_BYTES, "x");
  for (let left = byteCount; left > 0; left -= FILLER_BYTES) {
    await Promise.resolve();
    yield { bytes: left < FILLER_BYTES ? bytes.subarray(0, left) : bytes };
  }
}

/** The offset of the text in a token event; -1 if it has none. */
function findText(event: Buffer, { textStart }: Inspection = {}): number {
  const found = textStart?.exec(event.toString("latin1"));
  return found ? found.index + found[0].length : -1;
}
