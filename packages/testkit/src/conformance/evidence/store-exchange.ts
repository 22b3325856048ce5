import type { Exchange } from "../../evidence/index.js";
import { withoutHiddenValues } from "../../terminal/index.js";
import type { StoredExchange, StoredPiece } from "../report/conformance-report.js";

/** What is kept of the body of one answer, and of one request. */
const MOST_BODY_BYTES = 16 * 1024;
/** What is kept of the answers of one check. */
const MOST_CHECK_BYTES = 128 * 1024;
/** Parts of the answers of one check: each has a time, which takes more room than a single byte. */
const MOST_PIECES = 4000;
/** Exchanges that are kept of one check: the last ones. */
export const MOST_EXCHANGES = 40;

/** What may still be kept. */
interface Room {
  readonly bytes: number;
  readonly pieces: number;
}

/** The exchanges of a check as they are stored, within the limits of a report. */
export function storeExchanges(exchanges: readonly Exchange[]): StoredExchange[] {
  const first = exchanges[0]?.sentAtMs ?? 0;
  let roomBytes = MOST_CHECK_BYTES;
  let roomPieces = MOST_PIECES;
  return exchanges.slice(-MOST_EXCHANGES).map((exchange) => {
    const stored = store(exchange, first, { bytes: Math.min(roomBytes, MOST_BODY_BYTES), pieces: roomPieces });
    for (const { text } of stored.pieces) roomBytes -= text.length;
    roomPieces -= stored.pieces.length;
    return stored;
  });
}

function store(exchange: Exchange, firstAtMs: number, room: Room): StoredExchange {
  const { number, request, sentAtMs, head, end, failure, slices } = exchange;
  const since = (atMs: number | undefined): number | null => (atMs === undefined ? null : round(atMs - sentAtMs));
  const { pieces, omittedBytes } = cutPieces(slices, sentAtMs, room);
  return {
    number,
    method: request.method,
    path: request.path,
    sentAtMs: round(sentAtMs - firstAtMs),
    requestHeaders: request.headers,
    requestBody: request.body === undefined ? null : toText(request.body),
    status: head?.status ?? null,
    headers: hideIn(head?.headers ?? {}),
    headersAtMs: since(head?.atMs),
    pieces,
    omittedBytes,
    ended: end?.how.kind ?? (failure === undefined ? "open" : "no-answer"),
    endedAtMs: since(end?.atMs ?? failure?.atMs),
    problem: describeProblem(exchange),
  };
}

/** A server may repeat the key that it was sent; in the body, {@link Exchange.slices} has none. */
function hideIn(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, withoutHiddenValues(value)]));
}

function describeProblem({ end, failure }: Exchange): string | null {
  const error = failure?.error ?? (end?.how.kind === "broken" ? end.how.error : undefined);
  if (error === undefined) return null;
  const { message = "an error without a message" } = error as { readonly message?: string };
  const [first = ""] = message.split("\n", 1);
  return first.slice(0, 500);
}

/** Characters may be cut by the pieces, so one decoder reads them all. */
function cutPieces(slices: Exchange["slices"], sentAtMs: number, room: Room) {
  const decoder = new TextDecoder();
  const pieces: StoredPiece[] = [];
  let [left, omittedBytes] = [room.bytes, 0];
  for (const { bytes, atMs } of slices) {
    const kept = bytes.subarray(0, pieces.length < room.pieces ? left : 0);
    if (kept.byteLength > 0)
      pieces.push({ atMs: round(atMs - sentAtMs), text: decoder.decode(kept, { stream: true }) });
    left -= kept.byteLength;
    omittedBytes += bytes.byteLength - kept.byteLength;
  }
  const rest = decoder.decode();
  const last = pieces.pop();
  if (last !== undefined) pieces.push({ ...last, text: last.text + rest });
  return { pieces, omittedBytes };
}

function toText(body: string | Uint8Array): string {
  const text = typeof body === "string" ? body : Buffer.from(body).toString("utf8");
  const omitted = text.length - MOST_BODY_BYTES;
  return omitted > 0 ? `${text.slice(0, MOST_BODY_BYTES)}… (${omitted} more characters)` : text;
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
