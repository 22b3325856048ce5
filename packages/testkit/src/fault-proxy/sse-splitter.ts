const LF = 10;
const CR = 13;
/** How much of an event is kept to find its name if it arrives in several slices. */
const HEAD_BYTES = 64 * 1024;
/** The way in which most events begin. */
const TOKEN_START = Buffer.from("event: token\n");
const NAME = /^event: ?(.*?)$/m;
const TYPE = /"type"\s*:\s*"(\w+)"/;
const DATA = /^data(:|$)/m;

/** Bytes of one event at most, and its name when they are its last ones. */
export interface SseSlice {
  readonly bytes: Buffer;
  /** Name of the event that ends here; "" for a block without data, such as a comment. Undefined inside an event. */
  readonly event?: string | undefined;
}

/** A part of a chunk, from its first byte to one past its last. */
interface Part {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds where the events of a stream end, whatever the line ends are and however the bytes were cut before. No byte is held back: what is
 * no whole event yet comes as a slice without a name. One splitter is for one of {@link split} and {@link findNames}.
 */
export class SseSplitter {
  #atLineStart = true;
  /** An LF still belongs to the line end before. */
  #afterCr = false;
  /** No line with something in it since the last event. */
  #isEmpty = true;
  #head: Buffer[] = [];
  #headBytes = 0;

  /** Cuts a chunk after every event. */
  split(chunk: Buffer): SseSlice[] {
    let start = 0;
    const slices: SseSlice[] = [];
    for (const end of this.#findEnds(chunk)) {
      slices.push({ bytes: chunk.subarray(start, end), event: this.#takeName(chunk, { start, end }) });
      start = end;
    }
    if (start < chunk.length) slices.push({ bytes: this.#keep(chunk.subarray(start)) });
    return slices;
  }

  /** The names of the events that end in a chunk; cheaper, where nothing is to be cut. */
  findNames(chunk: Buffer): string[] {
    let start = 0;
    const names: string[] = [];
    for (const end of this.#findEnds(chunk)) {
      names.push(this.#takeName(chunk, { start, end }));
      start = end;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
    return names;
  }

  /** Looks at every byte, so its state is in local variables: fields would make it several times slower. */
  #findEnds(chunk: Buffer): number[] {
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

  #takeName(chunk: Buffer, part: Part): string {
    if (this.#head.length === 0) return findName(chunk, part);
    this.#keep(chunk.subarray(part.start, part.end));
    const whole = Buffer.concat(this.#head);
    this.#head = [];
    this.#headBytes = 0;
    return findName(whole, { start: 0, end: whole.length });
  }
}

function findName(bytes: Buffer, part: Part): string {
  if (isToken(bytes, part)) return "token";
  const text = bytes.toString("latin1", part.start, Math.min(part.end, part.start + HEAD_BYTES));
  const lines = text.replaceAll(/\r\n?/g, "\n");
  if (!DATA.test(lines)) return "";
  return NAME.exec(lines)?.[1] ?? TYPE.exec(lines)?.[1] ?? "message";
}

function isToken(bytes: Buffer, { start, end }: Part): boolean {
  if (end - start < TOKEN_START.length) return false;
  for (let at = 0; at < TOKEN_START.length; at++) if (bytes[start + at] !== TOKEN_START[at]) return false;
  return true;
}
