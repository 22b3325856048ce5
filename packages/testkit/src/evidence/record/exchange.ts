import type { BodyEnd, StreamWatch, WatchedRequest } from "../../client/index.js";
import type { CollectedStream } from "../../events/index.js";
import { maskSlices, type Slice } from "./mask-slices.js";

/** How much of a request is kept. */
export interface ExchangeOptions {
  /** Returns whether there is room for `byteCount` bytes. */
  readonly retain: (byteCount: number) => boolean;
  /** Whether the body of a stream is kept although its events describe it. */
  readonly keepsBytes: boolean;
}

/**
 * One request as observed. Only references are kept while a stream is read; decoding and writing happen after the test.
 * Times are on the clock of `performance.now()`.
 */
export class Exchange implements StreamWatch {
  readonly request: WatchedRequest;
  /** From 1, in the order of sending. */
  readonly number: number;
  readonly sentAtMs = performance.now();
  readonly #options: ExchangeOptions;
  #head:
    { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly atMs: number } | undefined;
  #failure: { readonly error: unknown; readonly atMs: number } | undefined;
  #end: { readonly how: BodyEnd; readonly atMs: number } | undefined;
  #collected: CollectedStream | undefined;
  #slices: Slice[] = [];
  #isCut = false;

  constructor(number: number, request: WatchedRequest, options: ExchangeOptions) {
    this.number = number;
    this.request = request;
    this.#options = options;
  }

  get head() {
    return this.#head;
  }

  /** Why no response arrived. */
  get failure() {
    return this.#failure;
  }

  /** `undefined` while the body is being read, or if it never was. */
  get end() {
    return this.#end;
  }

  /** The result that the reader of the stream got. */
  get collected(): CollectedStream | undefined {
    return this.#collected;
  }

  /** The body; empty for a stream that is fully described by its events, unless the bytes are to be kept. */
  get slices(): readonly Slice[] {
    return maskSlices(this.#slices);
  }

  /** There was no room for the whole body, so none of it is kept. */
  get isCut(): boolean {
    return this.#isCut;
  }

  onFailed(error: unknown): void {
    this.#failure = { error, atMs: performance.now() };
  }

  onHeaders(status: number, headers: Readonly<Record<string, string>>): void {
    this.#head = { status, headers, atMs: performance.now() };
  }

  onChunk(bytes: Uint8Array): void {
    if (this.#isCut) return;
    if (this.#options.retain(bytes.byteLength)) {
      this.#slices.push({ bytes, atMs: performance.now() });
      return;
    }
    this.#isCut = true;
    this.#slices = [];
  }

  onEnd(how: BodyEnd): void {
    this.#end ??= { how, atMs: performance.now() };
  }

  onCollected(stream: CollectedStream): void {
    if (this.#isCut) return;
    this.#collected = stream;
    if (isDescribed(this, stream) && !this.#options.keepsBytes) this.#slices = [];
  }
}

/**
 * Whether the events describe the body completely. Those of other dialects do not: their messages have fields that no event has. Nor do
 * those of a body with invalid UTF-8: they have U+FFFD in place of its bytes.
 */
export function isDescribed({ request }: Exchange, stream: CollectedStream): boolean {
  return request.dialect.capabilities.hasPlainEvents === true && stream.invalidUtf8Count === 0 && isDecoded(stream);
}

/** Whether the whole body was decoded. */
export function isDecoded({ outcome, ignoredLineCount, unterminatedBytes }: CollectedStream): boolean {
  return outcome.status !== "invalid-event" && !isTooLarge(outcome) && ignoredLineCount + unterminatedBytes === 0;
}

function isTooLarge(outcome: CollectedStream["outcome"]): boolean {
  return outcome.status === "limit-exceeded" && outcome.limit.endsWith("Bytes");
}
