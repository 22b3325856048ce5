/** Units of a time axis, with the largest mark from which on each is used. */
const UNITS = [
  { unit: "min", size: 60_000, from: 600_000 },
  { unit: "s", size: 1_000, from: 1_000 },
];

/** Marks of a time axis, in the same unit all along it. */
export function formatTimeMarks(marks: readonly number[]): string[] {
  const largest = Math.max(...marks.map(Math.abs), 0);
  const { unit, size } = UNITS.find((one) => largest >= one.from) ?? { unit: "ms", size: 1 };
  return marks.map((mark) => `${Number((mark / size).toPrecision(6))} ${unit}`);
}

/** A time as ISO 8601 has it, without its letters and parts of seconds. */
export function formatTime(iso: string): string {
  return `${iso.slice(0, 19).replace("T", " ")} UTC`;
}

/** The beginning of a text, for a place where the whole is a click away. */
export function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
