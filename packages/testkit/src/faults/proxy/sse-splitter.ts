const LF = 10;
const CR = 13;
/** So much of an event is kept to find its name when it comes in several slices. */
const HEAD_BYTES = 64 * 1024;
const NAME_START = Buffer.from("event: ");
const NAME = /^event: ?(.*?)$/m;
const TYPE = /"type"\s*:\s*"(\w+)"/;
const DATA = /^data(:|$)/m;

/** Bytes of one event at most, and its name when they are its last ones. */
export interface SseSlice {
  readonly bytes: Buffer;
  /** Name of the event that ends here; "" for a block without data, such as a comment. Undefined inside an event. */
  readonly event?: string | undefined;
}

/**
 * Cuts the bytes of an event stream after every event, whatever the line ends are and however the bytes were cut before. No byte is held
 * back: what is no whole event yet comes as a slice without a name.
 */
export class SseSplitter {
  /** Between events, in a line, at the start of a line inside an event; after a CR an LF still belongs to it. */
  #atLineStart = true;
  #afterCr = false;
  #isEmpty = true;
  #head: Buffer[] = [];
  #headBytes = 0;

  split(chunk: Buffer): SseSlice[] {
    const slices: SseSlice[] = [];
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      if (!this.#endsBlock(chunk[at])) continue;
      const next = chunk[at] === CR && chunk[at + 1] === LF ? at + 2 : at + 1;
      if (next === at + 2) this.#afterCr = false;
      const bytes = chunk.subarray(start, next);
      slices.push({ bytes, event: this.#takeName(bytes) });
      start = next;
      at = next - 1;
    }
    if (start < chunk.length) {
      const rest = chunk.subarray(start);
      this.#keep(rest);
      slices.push({ bytes: rest });
    }
    return slices;
  }

  /** Whether this byte ends an empty line after lines with something in them. */
  #endsBlock(byte: number | undefined): boolean {
    const follows = this.#afterCr && byte === LF;
    this.#afterCr = byte === CR;
    if (follows) return false;
    if (byte !== LF && byte !== CR) {
      this.#atLineStart = false;
      this.#isEmpty = false;
      return false;
    }
    const ends = this.#atLineStart && !this.#isEmpty;
    this.#atLineStart = true;
    if (ends) this.#isEmpty = true;
    return ends;
  }

  #keep(bytes: Buffer): void {
    if (this.#headBytes >= HEAD_BYTES) return;
    this.#head.push(bytes);
    this.#headBytes += bytes.length;
  }

  #takeName(last: Buffer): string {
    if (this.#head.length === 0) return findName(last);
    this.#keep(last);
    const whole = Buffer.concat(this.#head);
    this.#head = [];
    this.#headBytes = 0;
    return findName(whole);
  }
}

function findName(block: Buffer): string {
  if (block.length > NAME_START.length && block.compare(NAME_START, 0, NAME_START.length, 0, NAME_START.length) === 0) {
    const lineEnd = block.indexOf(LF);
    if (lineEnd > 0) return block.toString("latin1", NAME_START.length, lineEnd).trimEnd();
  }
  const text = block.toString("latin1", 0, HEAD_BYTES).replaceAll(/\r\n?/g, "\n");
  if (!DATA.test(text)) return "";
  return NAME.exec(text)?.[1] ?? TYPE.exec(text)?.[1] ?? "message";
}
