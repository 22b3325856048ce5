import type { LlamaModel, Token } from "node-llama-cpp";

const EMPTY = new Uint8Array(0);
const BYTE_TOKEN = /^<0x([0-9A-Fa-f]{2})>$/;

/** The part of a model's vocabulary that is needed here. */
export interface TokenText {
  /** The text as stored in the model file. */
  readonly text: string;
  readonly kind: "normal" | "userDefined" | "byte" | "special";
}

/** How a tokenizer writes bytes as text: `gpt2` (byte-level BPE) or `llama` (SentencePiece). */
export type TextEncoding = "gpt2" | "llama";

/**
 * The raw bytes of each token, even if they are only part of a character, which native detokenization loses. Special
 * tokens (control, unknown, unused) have no bytes. The arrays are cached and shared: do not modify them.
 */
export class TokenBytes {
  readonly #cache: (Uint8Array | undefined)[] = [];
  readonly #read: (token: Token) => Uint8Array;

  constructor(model: LlamaModel) {
    const { model: encoding, tokens } = model.fileInfo.metadata.tokenizer.ggml;
    this.#read = (token) => {
      const text = tokens[token];
      if (text !== undefined && (encoding === "gpt2" || encoding === "llama")) {
        return decodeTokenText({ text, kind: findKind(model, token) }, encoding);
      }
      return Buffer.from(model.detokenize([token])); // an unknown encoding: whole characters only
    };
  }

  of(token: Token): Uint8Array {
    return (this.#cache[token] ??= this.#read(token));
  }
}

/** The bytes of one token. */
export function decodeTokenText({ text, kind }: TokenText, encoding: TextEncoding): Uint8Array {
  if (kind === "special") return EMPTY;
  if (kind === "userDefined") return Buffer.from(text);
  const byte = BYTE_TOKEN.exec(text)?.[1];
  if (kind === "byte" && byte !== undefined) return Uint8Array.of(Number.parseInt(byte, 16));
  return encoding === "gpt2" ? decodeByteLetters(text) : Buffer.from(text.replaceAll("\u2581", " "));
}

function findKind(model: LlamaModel, token: Token): TokenText["kind"] {
  const attributes = model.getTokenAttributes(token);
  if (attributes.control || attributes.unknown || attributes.unused) return "special";
  if (attributes.byte) return "byte";
  return attributes.userDefined ? "userDefined" : "normal";
}

function decodeByteLetters(text: string): Uint8Array {
  return Buffer.concat(Array.from(text, (letter) => LETTER_BYTES.get(letter) ?? Buffer.from(letter)));
}

/** Byte-level BPE writes printable Latin-1 bytes as themselves and the others as U+0100 and up, in order. */
const LETTER_BYTES = createLetterBytes();

function createLetterBytes(): ReadonlyMap<string, Uint8Array> {
  let moved = 0x100;
  const letters = new Map<string, Uint8Array>();
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad);
    letters.set(String.fromCodePoint(printable ? byte : moved++), Uint8Array.of(byte));
  }
  return letters;
}
