import { inflateSync } from "node:zlib";

/** What {@link inflateHistogram} accepts: the resolution that this framework writes. */
export interface HistogramShape {
  readonly digits: number;
  readonly highestValue: number;
  /** The maximum number of buckets at this resolution. */
  readonly bucketCount: number;
}

const COMPRESSED_COOKIE = 0x1c849304;
/** The word size, which is not part of the cookie's base. */
const WORD_SIZE_BITS = 0xf0;
const COMPRESSED_HEADER_BYTES = 8;
const HEADER_BYTES = 40;
const MAX_WORD_BYTES = 9;
const WORD_BITS = 7n;

/**
 * Inflates an encoded histogram, up to the size of the largest one of this shape, and checks it before the library reads it: the library
 * trusts the lengths in the data, so a few bytes from an untrusted file could keep it busy for hours or exhaust memory.
 *
 * @throws an error that says what is wrong with the data.
 */
export function inflateHistogram(data: string, shape: HistogramShape): Buffer {
  const outer = Buffer.from(data, "base64");
  if (outer.length < COMPRESSED_HEADER_BYTES || (outer.readInt32BE(0) & ~WORD_SIZE_BITS) !== COMPRESSED_COOKIE) {
    throw new Error("not a compressed HdrHistogram of version 2");
  }
  const end = COMPRESSED_HEADER_BYTES + outer.readInt32BE(4);
  const bytes = inflate(
    outer.subarray(COMPRESSED_HEADER_BYTES, end),
    HEADER_BYTES + shape.bucketCount * MAX_WORD_BYTES,
  );
  checkHeader(bytes, shape);
  const bucketCount = countBuckets(bytes.subarray(HEADER_BYTES));
  if (bucketCount > shape.bucketCount) throw new Error(`more than ${shape.bucketCount} buckets`);
  return bytes;
}

function inflate(deflated: Buffer, maxBytes: number): Buffer {
  try {
    return inflateSync(deflated, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_BUFFER_TOO_LARGE") throw error;
    throw new Error(`larger than ${maxBytes} bytes when inflated`, { cause: error });
  }
}

function checkHeader(bytes: Buffer, { digits, highestValue }: HistogramShape): void {
  if (bytes.length < HEADER_BYTES || bytes.length !== HEADER_BYTES + bytes.readInt32BE(4)) {
    throw new Error("its length differs from the one in its header");
  }
  const isOurs =
    bytes.readInt32BE(12) === digits &&
    bytes.readBigInt64BE(16) === 1n &&
    bytes.readBigInt64BE(24) === BigInt(highestValue);
  if (!isOurs) throw new Error(`not a histogram of ${digits} digits from 1 to ${highestValue}`);
}

/** Counts the buckets that the words fill or skip. */
function countBuckets(words: Buffer): number {
  let [count, position] = [0, 0];
  while (position < words.length) {
    const word = readWord(words, position);
    count += word.skipped ?? 1;
    position += word.byteLength;
  }
  return count;
}

/** One word: a ZigZag number with 7 bits per byte, 8 in the ninth. A negative one skips that many empty buckets. */
function readWord(words: Buffer, start: number): { readonly byteLength: number; readonly skipped?: number } {
  let [value, shift] = [0n, 0n];
  for (let byteLength = 1; ; byteLength += 1, shift += WORD_BITS) {
    const byte = words[start + byteLength - 1];
    if (byte === undefined) throw new Error("it ends in the middle of a number");
    const isLast = byte < 0x80 || byteLength === MAX_WORD_BYTES;
    value |= BigInt(isLast ? byte : byte & 0x7f) << shift;
    if (!isLast) continue;
    return value % 2n === 0n ? { byteLength } : { byteLength, skipped: Number((value + 1n) / 2n) };
  }
}
