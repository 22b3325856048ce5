const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/**
 * A size in decimal units.
 *
 * @example formatBytes(491_400_032) // "491.4 MB"
 */
export function formatBytes(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), BYTE_UNITS.length - 1);
  const value = bytes / 1000 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${BYTE_UNITS[power] ?? ""}`;
}

/**
 * A duration for people, about three digits.
 *
 * @example formatMs(1234) // "1.23 s"
 */
export function formatMs(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 120_000 ? `${(ms / 1000).toFixed(2)} s` : `${Math.round(ms / 60_000)} min`;
}

/** A rate with about three digits. */
export function formatRate(perSecond: number): string {
  return perSecond < 100 ? perSecond.toFixed(1) : String(Math.round(perSecond));
}
