const REPLACEMENT = "\ufffd";
const REPLACEMENT_BYTES = Buffer.from(REPLACEMENT);
const [LEAD, SECOND] = [0xef, 0xbf];
const NOTHING = new Uint8Array(0);

/**
 * Decodes UTF-8 that arrives in chunks, and counts the byte sequences that are not UTF-8. Each of those becomes U+FFFD, as in every client;
 * a U+FFFD that was sent as such is valid and not counted.
 */
export class Utf8Decoder {
  readonly #decoder: InstanceType<typeof TextDecoder>;
  /** The beginning of a U+FFFD at the end of the last chunk. */
  #tail: Uint8Array = NOTHING;
  #invalidCount = 0;

  /** @param options.keepsBom returns a BOM as a character. */
  constructor({ keepsBom = false }: { readonly keepsBom?: boolean } = {}) {
    this.#decoder = new TextDecoder("utf-8", { ignoreBOM: keepsBom });
  }

  /** The number of invalid byte sequences so far. A character that the end of the stream cuts off is not among them. */
  get invalidCount(): number {
    return this.#invalidCount;
  }

  decode(chunk: Uint8Array): string {
    const text = this.#decoder.decode(chunk, { stream: true });
    // Not one stream in a thousand has such a character, so the bytes are searched only for those.
    if (text.includes(REPLACEMENT)) this.#invalidCount += countIn(text) - this.#countSent(chunk);
    this.#keepTail(chunk);
    return text;
  }

  #keepTail(chunk: Uint8Array): void {
    const last = chunk.at(-1);
    if (last === LEAD) this.#tail = chunk.slice(-1);
    else if (last !== SECOND) this.#tail = last === undefined ? this.#tail : NOTHING;
    else if (chunk.byteLength === 1) this.#tail = this.#tail.byteLength === 1 ? Uint8Array.of(LEAD, SECOND) : NOTHING;
    else this.#tail = chunk.at(-2) === LEAD ? chunk.slice(-2) : NOTHING;
  }

  /** What remains at the end. */
  end(): string {
    return this.#decoder.decode();
  }

  /** How often U+FFFD was sent as such and ended in this chunk. Its first byte never continues a character, so it is always recognized. */
  #countSent(chunk: Uint8Array): number {
    const bytes = Buffer.concat([this.#tail, chunk]);
    let count = 0;
    for (let at = bytes.indexOf(REPLACEMENT_BYTES); at !== -1; at = bytes.indexOf(REPLACEMENT_BYTES, at + 3))
      count += 1;
    return count;
  }
}

function countIn(text: string): number {
  return text.split(REPLACEMENT).length - 1;
}
