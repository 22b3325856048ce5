import { formatNumber } from "../format.js";

/** Units of a time axis, with the largest mark from which on each is used. */
const UNITS = [
  { unit: "min", size: 60_000, from: 600_000 },
  { unit: "s", size: 1_000, from: 1_000 },
];

/** A duration for people: "12.3 ms", "1.20 s", "2 min 5 s". */
export function formatMs(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return "–";
  if (Math.abs(ms) < 1_000) return `${formatNumber(ms)} ms`;
  if (Math.abs(ms) < 120_000) return `${formatNumber(ms / 1_000)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
}

/** Marks of a time axis, in the same unit all along it. */
export function formatTimeMarks(marks: readonly number[]): string[] {
  const largest = Math.max(...marks.map(Math.abs), 0);
  const { unit, size } = UNITS.find((one) => largest >= one.from) ?? { unit: "ms", size: 1 };
  return marks.map((mark) => `${Number((mark / size).toPrecision(6))} ${unit}`);
}

/** A count, thousands grouped. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

export function plural(count: number, one: string): string {
  return `${formatCount(count)} ${count === 1 ? one : `${one}s`}`;
}

/** A share as per cent. */
export function formatShare(share: number): string {
  return `${formatNumber(share * 100)} %`;
}
