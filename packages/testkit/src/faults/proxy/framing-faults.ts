import type { FaultHit } from "inference-worker-protocol";
import type { FramingFaultId } from "./fault-ids.js";
import { NO_BYTES, wholeEvents, type Piece, type Pieces } from "./pieces.js";

/** An event as Latin-1 text, one character a byte. */
interface Block {
  readonly text: string;
  readonly name: string;
  /** Blocks before this one. */
  readonly index: number;
}
/** Writes a block anew, as one or several writes. */
type Rewrite<Id extends FramingFaultId> = (block: Block, hit: FaultHit<Id>) => readonly string[];

const BOM = "\xef\xbb\xbf";
const LINE_ENDS = ["\n", "\r\n", "\r"] as const;

const REWRITES: { readonly [Id in FramingFaultId]: Rewrite<Id> } = {
  crlf: ({ text }) => [withLineEnds(text, () => "\r\n")],
  cr: ({ text }) => [withLineEnds(text, () => "\r")],
  mixed: ({ text, index }) => [mixLineEnds(text, index)],
  bom: ({ text, index }) => [index === 0 ? BOM + text : text],
  "split-utf8": ({ text }) => text.split(/(?<=[\xc2-\xf4])/),
  "split-crlf": ({ text }) => withLineEnds(text, () => "\r\n").split(/(?<=\r)/),
  // The pipeline ends the answer there, see rewriteEvents().
  "no-final-blank": ({ text, name }) => [isTerminal(name) ? text.replace(/(\r\n|\n|\r)(\r\n|\n|\r)$/, "$1") : text],
  retry: ({ text, index }, { fault }) => [index === 0 ? `retry: ${Math.round(fault.params.ms)}\n${text}` : text],
  "multi-line-json": ({ text }) => [text.replaceAll(/^data: ?(.*)$/gm, (_, json: string) => spread(json))],
};

/** Writes every event in another way. */
export async function* rewriteEvents(pieces: Pieces, hit: FaultHit<FramingFaultId>): Pieces {
  const rewrite = REWRITES[hit.fault.id] as Rewrite<FramingFaultId>;
  let index = 0;
  for await (const piece of wholeEvents(pieces)) {
    if (piece.event === undefined) {
      yield piece;
      continue;
    }
    const text = piece.bytes.toString("latin1");
    const writes = rewrite({ text, name: piece.event, index: index++ }, hit);
    const changed = writes.length > 1 || writes[0] !== text;
    yield* toPieces(writes, changed ? { ...piece, fires: hit } : piece);
    if (!changed || hit.fault.id !== "no-final-blank") continue;
    yield { bytes: NO_BYTES, ending: "clean" };
    return;
  }
}

/** Only the last write ends the event. */
function* toPieces(writes: readonly string[], piece: Piece): Generator<Piece> {
  for (const [at, text] of writes.entries()) {
    const bytes = Buffer.from(text, "latin1");
    yield at === writes.length - 1 ? { ...piece, bytes } : { bytes };
  }
}

function isTerminal(name: string): boolean {
  return name === "end" || name === "error";
}

function withLineEnds(text: string, choose: () => string): string {
  return text.replaceAll(/\r\n?|\n/g, choose);
}

/** Each of the three in turn; never a CR and then an LF that would count as one. */
function mixLineEnds(text: string, start: number): string {
  let turn = start;
  const lines = withLineEnds(text, () => "\n").split("\n");
  return lines.reduce((before, line) => {
    const lineEnd = LINE_ENDS[turn++ % LINE_ENDS.length] ?? "\n";
    return `${before}${before.endsWith("\r") && lineEnd === "\n" ? "\r\n" : lineEnd}${line}`;
  });
}

/** Breaks the line where JSON allows it: after a comma or an opening bracket, outside of strings. */
function spread(json: string): string {
  const parts = json.match(/"(?:[^"\\]|\\.)*"|[^",[{]+|[,[{]/g) ?? [json];
  const lines = parts.reduce((text, part) => text + (/^[,[{]$/.test(part) ? `${part}\ndata: ` : part), "data: ");
  return lines;
}
