import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const WINDOW_BYTES = 1024 * 1024;

/** A read beyond the end of the file, or a value that no valid file has. */
export class HeaderError extends Error {
  override readonly name = "HeaderError";
}

/**
 * Reads little-endian values sequentially from the start of a file, through a window of 1 MiB. Deliberately
 * synchronous: it runs before the worker listens, and a header of several megabytes takes a few milliseconds.
 */
export class HeaderReader {
  readonly fileBytes: number;
  readonly #file: number;
  #window = Buffer.alloc(0);
  #windowStart = 0;
  #offset = 0;

  constructor(path: string) {
    this.#file = openSync(path, "r");
    this.fileBytes = fstatSync(this.#file).size;
  }

  /** Bytes read or skipped so far. */
  get offset(): number {
    return this.#offset;
  }

  close(): void {
    closeSync(this.#file);
  }

  uint32(): number {
    return this.#take(4).readUInt32LE();
  }

  /** @throws {HeaderError} above 2^53: no count, size or offset of a valid file is that large. */
  uint64(): number {
    const value = Number(this.#take(8).readBigUInt64LE());
    if (!Number.isSafeInteger(value)) throw new HeaderError(`a count or size of ${value} at byte ${this.#offset - 8}`);
    return value;
  }

  bytes(count: number): Buffer {
    return this.#take(count);
  }

  /** A length-prefixed UTF-8 string. */
  string(): string {
    return this.#take(this.uint64()).toString("utf8");
  }

  skip(count: number): void {
    this.#require(count);
    this.#offset += count;
  }

  #take(count: number): Buffer {
    this.#require(count);
    const start = this.#offset - this.#windowStart;
    if (start < 0 || start + count > this.#window.length) return this.#refill(count);
    this.#offset += count;
    return this.#window.subarray(start, start + count);
  }

  #refill(count: number): Buffer {
    const wanted = Math.min(Math.max(count, WINDOW_BYTES), this.fileBytes - this.#offset);
    const window = Buffer.alloc(wanted);
    const got = readSync(this.#file, window, 0, wanted, this.#offset);
    if (got < count) throw this.#truncated(count);
    this.#window = window.subarray(0, got);
    this.#windowStart = this.#offset;
    this.#offset += count;
    return this.#window.subarray(0, count);
  }

  #require(count: number): void {
    if (count > this.fileBytes - this.#offset) throw this.#truncated(count);
  }

  #truncated(count: number): HeaderError {
    const end = this.#offset + count;
    return new HeaderError(`truncated: the header extends to byte ${end}, the file has ${this.fileBytes} bytes`);
  }
}
