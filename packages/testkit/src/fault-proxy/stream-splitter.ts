import type { Dialect, EventDecoder, WireMessage } from "../dialects/index.js";

const LF = 10;
const CR = 13;
/** How much of a message is kept to find its events if it arrives in several chunks. */
const HEAD_BYTES = 64 * 1024;
const LINE_END = /\r\n?|\n/;
const FIELD = /^(data|event)(?:: ?(.*))?$/s;
const ONE_TOKEN = ["token"];
const NO_EVENT = ["message"];
const NOTHING = [""];

/** Bytes of at most one message, with its events if they are its last bytes. */
export interface StreamSlice {
  readonly bytes: Buffer;
  /**
   * Kinds of the events of the message that ends here; `"message"` if it has none, `""` for a block without data, such as a comment.
   * Undefined inside a message.
   */
  readonly events?: readonly string[] | undefined;
}

/** A part of a chunk, from the first byte to one past the last. */
interface Part {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds where the messages of a stream end, with any line ends and any chunk boundaries. No byte is held back: a part of a message is a
 * slice without events. Use either {@link split} or {@link findNames} on one splitter.
 */
export class StreamSplitter {
  readonly #dialect: Dialect;
  readonly #decoder: EventDecoder;
  readonly #tokenPrefix: Buffer;
  #atLineStart = true;
  /** A following LF belongs to the previous line end. */
  #afterCr = false;
  /** No non-empty line since the last event. */
  #isEmpty = true;
  #head: Buffer[] = [];
  #headBytes = 0;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
    this.#decoder = dialect.createDecoder({ jobId: undefined, request: undefined });
    this.#tokenPrefix = Buffer.from(dialect.inspection?.tokenPrefix ?? "");
  }

  /** Cuts a chunk after every message. */
  split(chunk: Buffer): StreamSlice[] {
    let start = 0;
    const slices: StreamSlice[] = [];
    for (const end of this.#findEnds(chunk)) {
      slices.push({ bytes: chunk.subarray(start, end), events: this.#takeNames(chunk, { start, end }) });
      start = end;
    }
    if (start < chunk.length) slices.push({ bytes: this.#keep(chunk.subarray(start)) });
    return slices;
  }

  /** The events that end in a chunk; cheaper if nothing has to be cut. */
  findNames(chunk: Buffer): string[] {
    let start = 0;
    const names: string[] = [];
    for (const end of this.#findEnds(chunk)) {
      names.push(...this.#takeNames(chunk, { start, end }));
      start = end;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
    return names;
  }

  #findEnds(chunk: Buffer): number[] {
    return this.#dialect.capabilities.framing === "sse" ? this.#findBlockEnds(chunk) : findLineEnds(chunk);
  }

  /** Inspects every byte, so the state is in local variables: fields would make it several times slower. */
  #findBlockEnds(chunk: Buffer): number[] {
    const ends: number[] = [];
    let [atLineStart, afterCr, isEmpty] = [this.#atLineStart, this.#afterCr, this.#isEmpty];
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (byte !== LF && byte !== CR) {
        atLineStart = afterCr = isEmpty = false;
        continue;
      }
      const follows = afterCr && byte === LF;
      afterCr = byte === CR;
      if (follows) continue;
      if (atLineStart && !isEmpty) {
        if (byte === CR && chunk[at + 1] === LF) at += 1;
        afterCr &&= chunk[at] === CR;
        ends.push(at + 1);
        isEmpty = true;
      }
      atLineStart = true;
    }
    [this.#atLineStart, this.#afterCr, this.#isEmpty] = [atLineStart, afterCr, isEmpty];
    return ends;
  }

  #keep(bytes: Buffer): Buffer {
    if (this.#headBytes < HEAD_BYTES) this.#head.push(bytes);
    this.#headBytes += bytes.length;
    return bytes;
  }

  #takeNames(chunk: Buffer, part: Part): readonly string[] {
    if (this.#head.length === 0) return this.#nameEvents(chunk, part);
    this.#keep(chunk.subarray(part.start, part.end));
    const whole = Buffer.concat(this.#head);
    this.#head = [];
    this.#headBytes = 0;
    return this.#nameEvents(whole, { start: 0, end: whole.length });
  }

  #nameEvents(bytes: Buffer, part: Part): readonly string[] {
    if (this.#isToken(bytes, part)) return ONE_TOKEN;
    const text = bytes.toString("utf8", part.start, Math.min(part.end, part.start + HEAD_BYTES));
    const message = this.#dialect.capabilities.framing === "sse" ? parseBlock(text) : { data: text.trim() };
    if (message === undefined) return NOTHING;
    const names = this.#dialect.inspection?.nameEvents?.(message) ?? this.#decode(message);
    return names.length === 0 ? NO_EVENT : names;
  }

  #decode(message: WireMessage): readonly string[] {
    try {
      return this.#decoder.push(message).map(({ type }) => type);
    } catch {
      return []; // the reader of the stream reports it
    }
  }

  #isToken(bytes: Buffer, { start, end }: Part): boolean {
    const prefix = this.#tokenPrefix;
    if (prefix.length === 0 || end - start < prefix.length) return false;
    for (let at = 0; at < prefix.length; at++) if (bytes[start + at] !== prefix[at]) return false;
    return true;
  }
}

function findLineEnds(chunk: Buffer): number[] {
  const ends: number[] = [];
  for (let at = chunk.indexOf(LF); at !== -1; at = chunk.indexOf(LF, at + 1)) ends.push(at + 1);
  return ends;
}

/** The fields of a block of Server-Sent Events; undefined if it has no data. */
function parseBlock(block: string): WireMessage | undefined {
  const data: string[] = [];
  let event: string | undefined;
  for (const line of block.split(LINE_END)) {
    const [, name, value = ""] = FIELD.exec(line) ?? [];
    if (name === "data") data.push(value);
    else if (name === "event") event = value === "" ? undefined : value;
  }
  return data.length === 0 ? undefined : { event, data: data.join("\n") };
}
