/**
 * A figure for people, with its unit.
 *
 * @example formatValue(0.125, "share") // "12.5 %"
 */
export function formatValue(value: number, unit: string): string {
  if (unit === "share") return `${formatNumber(value * 100)} %`;
  return `${formatNumber(value)} ${unit}`;
}

/**
 * Three to four digits that count, thousands grouped.
 *
 * @example formatNumber(12345.6) // "12,346"
 */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  const text = value.toLocaleString("en-US", { maximumFractionDigits: digits });
  return text === "-0" ? "0" : text;
}
