import type { FaultHit } from "worker-orcd-control";
import type { ProxyFaultId } from "./fault-ids.js";
import { NO_BYTES, type Piece, type PieceReader, type Pieces } from "./pieces.js";

/** A token event, and what follows it. */
interface EditedEvent {
  readonly piece: Piece;
  /** The rest of the answer, event by event. */
  readonly whole: PieceReader;
  readonly hit: FaultHit;
}
type Edit = (event: EditedEvent) => Pieces;

/** The end of an event: a blank line in Server-Sent Events, the end of the line in JSON lines. */
const BLANK_LINE = /(\r\n|\n|\r)(\r\n|\n|\r)$/;
const LINE_END = /\r?\n$/;

/** What each fault does to one token event, in either framing. */
export const EVENT_EDITS = {
  "drop-event": async function* ({ hit }) {
    await Promise.resolve();
    yield { bytes: NO_BYTES, fires: hit };
  },
  "repeat-event": async function* ({ piece, hit }) {
    await Promise.resolve();
    yield piece;
    yield { ...piece, fires: hit };
  },
  "swap-events": async function* ({ piece, whole, hit }) {
    const next = await whole.next();
    const isToken = next?.events?.includes("token") === true;
    if (next === undefined || !isToken) {
      hit.bypass("no second token event followed");
      yield piece;
      if (next !== undefined) yield next;
      return;
    }
    yield next;
    yield { ...piece, fires: hit };
  },
  "merge-events": async function* ({ piece, hit }) {
    await Promise.resolve();
    const text = piece.bytes.toString("latin1");
    const open = BLANK_LINE.test(text) ? text.replace(BLANK_LINE, "$1") : text.replace(LINE_END, "");
    yield { ...piece, bytes: Buffer.from(open, "latin1"), fires: hit };
  },
  "split-event": async function* ({ piece, hit }) {
    await Promise.resolve();
    const { bytes } = piece;
    const half = Math.floor((bytes.indexOf("{") + bytes.lastIndexOf("}")) / 2);
    const lineEnds = BLANK_LINE.test(bytes.toString("latin1")) ? "\n\n" : "\n";
    yield { bytes: Buffer.concat([bytes.subarray(0, half), Buffer.from(lineEnds)]), events: ["message"], fires: hit };
    yield { ...piece, bytes: bytes.subarray(half) };
  },
} as const satisfies { readonly [Id in ProxyFaultId]?: Edit };

/** The faults that edit a single token event. */
export type EventFaultId = keyof typeof EVENT_EDITS;
