const UNITS = ["KiB", "MiB", "GiB", "TiB"] as const;

/** Bytes for people, with the sign: `64.0 MiB`, `-1.5 KiB`, `17 B`. */
export function formatBytes(bytes: number): string {
  if (Math.abs(bytes) < 1024) return `${Math.round(bytes)} B`;
  const power = Math.min(Math.floor(Math.log2(Math.abs(bytes)) / 10), UNITS.length);
  return `${(bytes / 1024 ** power).toFixed(power > 2 ? 2 : 1)} ${UNITS[power - 1] ?? "B"}`;
}
