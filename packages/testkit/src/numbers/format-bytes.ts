const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/**
 * A size in binary units, with its sign: one decimal from KiB on, two from GiB on. Rounded first, so that a unit never shows 1024.
 *
 * @example formatBytes(67_108_864) // "64.0 MiB"
 */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return "–";
  let power = 0;
  while (power < UNITS.length - 1 && Math.abs(Number(write(bytes, power))) >= 1024) power += 1;
  return `${write(bytes, power)} ${UNITS[power] ?? ""}`;
}

function write(bytes: number, power: number): string {
  const text = (bytes / 1024 ** power).toFixed(power === 0 ? 0 : power > 2 ? 2 : 1);
  return Number(text) === 0 ? text.replace("-", "") : text;
}
