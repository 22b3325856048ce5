import { hasHiddenValues, withoutHiddenValues } from "../../terminal/index.js";

/** A part of a body and when it arrived. */
export interface Slice {
  readonly bytes: Uint8Array;
  readonly atMs: number;
}

/**
 * The parts of a body without the values of the headers that the server was sent, also where one is spread over several parts. Every byte
 * keeps its position.
 */
export function maskSlices(slices: readonly Slice[]): readonly Slice[] {
  if (!hasHiddenValues()) return slices;
  const text = Buffer.concat(slices.map(({ bytes }) => bytes)).toString("latin1");
  const shown = withoutHiddenValues(text, (value) => "*".repeat(value.length));
  if (shown === text) return slices;
  const masked = Buffer.from(shown, "latin1");
  let from = 0;
  return slices.map(({ bytes, atMs }) => {
    const part = masked.subarray(from, from + bytes.byteLength);
    from += bytes.byteLength;
    return { bytes: part, atMs };
  });
}
