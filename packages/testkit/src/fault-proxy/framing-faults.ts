import type { FaultHit } from "worker-orcd-control";
import { isIn, type ProxyFaultId } from "./fault-ids.js";
import { NO_BYTES, wholeEvents, type Piece, type Pieces } from "./pieces.js";

/** An event as Latin-1 text, one character per byte. */
interface Block {
  readonly text: string;
  readonly events: readonly string[];
  /** Number of events before this one. */
  readonly index: number;
}
type RewritingId = keyof typeof REWRITES;
type SplittingId = keyof typeof SPLITS;
export type FramingFaultId = RewritingId | SplittingId;

const BOM = "\xef\xbb\xbf";
const LINE_ENDS = ["\n", "\r\n", "\r"] as const;

const REWRITES = {
  crlf: ({ text }) => withLineEnds(text, "\r\n"),
  cr: ({ text }) => withLineEnds(text, "\r"),
  mixed: ({ text, index }) => mixLineEnds(text, index),
  bom: ({ text, index }) => (index === 0 ? BOM + text : text),
  "no-final-blank": ({ text, events }) =>
    events.some(isTerminal) ? text.replace(/(\r\n|\n|\r)(\r\n|\n|\r)$/, "$1") : text,
  retry: ({ text, index }, { fault }) => (index === 0 ? `retry: ${Math.round(fault.params.ms)}\n${text}` : text),
  "multi-line-json": ({ text }) => text.replaceAll(/^data: ?(.*)$/gm, (_, json: string) => spread(json)),
} as const satisfies { readonly [Id in ProxyFaultId]?: (block: Block, hit: FaultHit<Id>) => string };

/** The offset at which a piece is split. */
const SPLITS = {
  "split-utf8": /(?<=[\xc2-\xf4])/,
  "split-crlf": /(?<=\r)(?=\n)/,
} as const satisfies { readonly [Id in ProxyFaultId]?: RegExp };

/** Whether a fault changes how events are written. */
export const isFraming = isIn<FramingFaultId>({ ...REWRITES, ...SPLITS });

/** Applies the framing faults: first what is written, then in how many writes. */
export function reframe(pieces: Pieces, hits: readonly FaultHit<FramingFaultId>[]): Pieces {
  const splitting = hits.filter((hit): hit is FaultHit<SplittingId> => hit.fault.id in SPLITS);
  let framed = pieces;
  for (const hit of hits) {
    if (hit.fault.id in REWRITES) framed = rewriteEvents(framed, hit as FaultHit<RewritingId>);
    if (hit.fault.id === "split-crlf") framed = toCrlf(framed);
  }
  return splitting.reduce((body, hit) => splitPieces(body, hit), framed);
}

async function* rewriteEvents(pieces: Pieces, hit: FaultHit<RewritingId>): Pieces {
  const rewrite = REWRITES[hit.fault.id] as (block: Block, hit: FaultHit<RewritingId>) => string;
  let index = 0;
  for await (const piece of wholeEvents(pieces)) {
    const { bytes, events } = piece;
    const before = bytes.toString("latin1");
    const text = events === undefined ? before : rewrite({ text: before, events, index: index++ }, hit);
    yield text === before ? piece : { ...withText(piece, text), fires: hit };
    if (text === before || hit.fault.id !== "no-final-blank") continue;
    yield { bytes: NO_BYTES, ending: "clean" };
    return;
  }
}

async function* toCrlf(pieces: Pieces): Pieces {
  for await (const piece of wholeEvents(pieces)) {
    yield withText(piece, withLineEnds(piece.bytes.toString("latin1"), "\r\n"));
  }
}

/** Only the last part ends the event. */
async function* splitPieces(pieces: Pieces, hit: FaultHit<SplittingId>): Pieces {
  for await (const piece of pieces) {
    const parts = piece.bytes.toString("latin1").split(SPLITS[hit.fault.id]);
    const last = parts.pop() ?? "";
    for (const part of parts) yield { bytes: Buffer.from(part, "latin1"), fires: hit };
    yield parts.length === 0 ? piece : withText(piece, last);
  }
}

function withText(piece: Piece, text: string): Piece {
  return { ...piece, bytes: Buffer.from(text, "latin1") };
}

function isTerminal(name: string): boolean {
  return name === "end" || name === "error";
}

function withLineEnds(text: string, lineEnd: string): string {
  return text.replaceAll(/\r\n?|\n/g, lineEnd);
}

/** Alternates between the three; never a CR followed by an LF, which would count as one. */
function mixLineEnds(text: string, start: number): string {
  let turn = start;
  const lines = withLineEnds(text, "\n").split("\n");
  return lines.reduce((before, line) => {
    const lineEnd = LINE_ENDS[turn++ % LINE_ENDS.length] ?? "\n";
    return `${before}${before.endsWith("\r") && lineEnd === "\n" ? "\r\n" : lineEnd}${line}`;
  });
}

/** Breaks the line where JSON allows it: after a comma or an opening bracket, outside of strings. */
function spread(json: string): string {
  const parts = json.match(/"(?:[^"\\]|\\.)*"|[^",[{]+|[,[{]/g) ?? [json];
  return parts.reduce((text, part) => text + (/^[,[{]$/.test(part) ? `${part}\ndata: ` : part), "data: ");
}
