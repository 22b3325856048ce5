import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { formatMs } from "../../numbers/index.js";
import type { CheckTarget, EncodedRequest } from "./check-target.js";
import { addressOf } from "./raw-socket.js";

const MOST_BYTES = 16 * 1024 * 1024;
const READ_BYTES = 64 * 1024;
/** The pace of a slow reader: one byte each time. */
const SLOW_READ_MS = 10;

/** The answer to one request on a connection of its own. */
export interface RawStream {
  readonly status: number;
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Why the body is not complete; `undefined` if it is. */
  readonly problem: string | undefined;
  /** The longest time without a byte, from the end of the request on. */
  readonly longestSilenceMs: number;
  /** The size of the answers to the requests ahead. */
  readonly aheadBytes: number;
}

/** Requests in a row, each with an answer of known length. */
export interface RequestsAhead {
  readonly text: string;
  readonly count: number;
}

export interface RawReading {
  readonly signal: AbortSignal;
  /** Reads one byte every 10 ms for this long, then the rest at once. @default 0 */
  readonly slowMs?: number | undefined;
  /** Requests to send on the same connection before the job. Their answers are read, and skipped. */
  readonly ahead?: RequestsAhead | undefined;
  /** Gives up after this long without a byte. */
  readonly silenceMs: number;
}

/**
 * Sends a request and reads the answer from the socket itself: bytes that are not read stay in the buffers of the two systems, as with a
 * client that is slow. Not recorded.
 */
export async function readStream(target: CheckTarget, job: EncodedRequest, reading: RawReading): Promise<RawStream> {
  // `Connection: close`, so that the end of the connection ends a body of unknown length.
  const head = target.writeJobHead(job, ["connection: close", `content-length: ${Buffer.byteLength(job.body)}`]);
  const { text = "", count = 0 } = reading.ahead ?? {};
  const { chunks, end, longestSilenceMs } = await exchange(target.url, text + head + job.body, reading);
  reading.signal.throwIfAborted();
  const all = Buffer.concat(chunks);
  const bytes = skipAnswers(all, count);
  const facts = { longestSilenceMs, aheadBytes: all.length - (bytes?.length ?? 0) };
  const answer = bytes && splitHead(bytes);
  if (answer === undefined)
    return { status: 0, headers: {}, body: bytes ?? NO_BYTES, problem: `no head: ${end}`, ...facts };
  const { status, headers, rest } = answer;
  const { body, isComplete } = readBody(rest, headers, end);
  return { status, headers, body, problem: isComplete ? undefined : end, ...facts };
}

const NO_BYTES = Buffer.alloc(0);
const CLOSED = "the server closed the connection";

function exchange(url: URL, text: string, { signal, slowMs = 0, silenceMs }: RawReading) {
  interface Read {
    readonly chunks: readonly Buffer[];
    readonly end: string;
    readonly longestSilenceMs: number;
  }
  return new Promise<Read>((resolve) => {
    const chunks: Buffer[] = [];
    const over = new AbortController();
    const startedAtMs = performance.now();
    let [lastAtMs, longestSilenceMs, byteCount] = [startedAtMs, 0, 0];
    const isSlow = (): boolean => performance.now() - startedAtMs < slowMs;
    const noteSilence = (): void => {
      longestSilenceMs = Math.max(longestSilenceMs, performance.now() - lastAtMs);
      lastAtMs = performance.now();
    };
    const finish = (end: string): void => {
      if (over.signal.aborted) return;
      over.abort();
      clearTimeout(timer);
      noteSilence();
      socket.destroy();
      resolve({ chunks, end, longestSilenceMs });
    };
    const take = (count: number, buffer: Uint8Array): boolean => {
      noteSilence();
      timer.refresh();
      byteCount += count;
      chunks.push(Buffer.from(buffer.subarray(0, count)));
      if (byteCount > MOST_BYTES) finish(`it is larger than ${MOST_BYTES} bytes`);
      if (!isSlow()) return true;
      delay(SLOW_READ_MS, undefined, { signal: over.signal }).then(
        () => socket.resume(),
        () => undefined, // it is over
      );
      return false;
    };
    const socket = connect({
      ...addressOf(url),
      onread: { buffer: () => Buffer.allocUnsafe(isSlow() ? 1 : READ_BYTES), callback: take },
    });
    const timer = setTimeout(() => finish(`nothing for ${formatMs(silenceMs)}`), silenceMs);
    signal.addEventListener("abort", () => finish("the check has ended"), { once: true, signal: over.signal });
    socket.on("error", ({ message }) => finish(message)).on("end", () => finish(CLOSED));
    socket.on("close", () => finish(CLOSED));
    socket.on("connect", () => socket.write(text, () => (lastAtMs = performance.now())));
  });
}

/** What follows the answers to the first requests; `undefined` if one of them is not whole. */
function skipAnswers(bytes: Buffer, count: number): Buffer | undefined {
  let rest: Buffer | undefined = bytes;
  for (let left = count; left > 0 && rest !== undefined; left -= 1) rest = skipAnswer(rest);
  return rest;
}

function skipAnswer(bytes: Buffer): Buffer | undefined {
  const head = splitHead(bytes);
  if (head === undefined) return undefined;
  const { headers, rest } = head;
  if (isChunked(headers)) {
    const { isComplete, byteLength } = readChunked(rest);
    return isComplete && rest.length >= byteLength ? rest.subarray(byteLength) : undefined;
  }
  const length = Number(headers["content-length"]);
  return rest.length >= length ? rest.subarray(length) : undefined; // NaN: its end is not known
}

/** Status, headers, and what follows; `undefined` if the head is not whole. */
function splitHead(bytes: Buffer) {
  const end = bytes.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const [first = "", ...lines] = bytes.subarray(0, end).toString("latin1").split("\r\n");
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  const named: Readonly<Record<string, string>> = Object.fromEntries(headers);
  return { status: Number(first.split(" ")[1]), headers: named, rest: bytes.subarray(end + 4) };
}

const isChunked = (headers: Readonly<Record<string, string>>): boolean => headers["transfer-encoding"] === "chunked";

function readBody(bytes: Buffer, headers: Readonly<Record<string, string>>, end: string) {
  if (isChunked(headers)) return readChunked(bytes);
  const length = headers["content-length"];
  return { body: bytes, isComplete: length === undefined ? end === CLOSED : bytes.length >= Number(length) };
}

/** RFC 9112, 7.1, without trailers. `byteLength` is that of the whole encoded body. */
function readChunked(bytes: Buffer) {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    const size = lineEnd === -1 ? NaN : parseInt(bytes.subarray(at, lineEnd).toString("latin1"), 16);
    if (size === 0 || Number.isNaN(size))
      return { body: Buffer.concat(parts), isComplete: size === 0, byteLength: lineEnd + 4 };
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}
