import { combine, hashText, toUnit } from "worker-orcd-control";

/** A vector of length 1 that depends on nothing but the text. */
export function embedStub(text: string, dimensions: number): number[] {
  const hash = hashText(text);
  const values = Array.from({ length: dimensions }, (_, index) => 2 * toUnit(combine(hash, index)) - 1);
  const length = Math.hypot(...values) || 1;
  return values.map((value) => value / length);
}
