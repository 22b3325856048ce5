/**
 * A number with three to four significant digits, thousands grouped.
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

/** A count, thousands grouped. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/**
 * A count with its noun.
 *
 * @example plural(1, "request") // "1 request"
 */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${count === 1 ? noun : `${noun}s`}`;
}

/**
 * A share (0..1) as a percentage.
 *
 * @example formatShare(0.125) // "12.5 %"
 */
export function formatShare(share: number): string {
  return `${formatNumber(share * 100)} %`;
}

/**
 * A p-value; one that would round to zero is shown as a bound, because a probability is never zero.
 *
 * @example formatP(0.00001) // "p < 0.0001"
 */
export function formatP(p: number): string {
  return p < 0.0001 ? "p < 0.0001" : `p = ${p.toFixed(4)}`;
}

/**
 * A figure with its unit. A share is shown as a percentage, and a plural unit becomes singular after 1.
 *
 * @example formatValue(1, "requests/s") // "1 request/s"
 */
export function formatValue(value: number, unit: string): string {
  return unit === "share" ? formatShare(value) : withUnit(formatNumber(value), unit);
}

/** A number that is already text, with its unit: "1 request", "2 requests". */
export function withUnit(text: string, unit: string): string {
  return `${text} ${text === "1" ? unit.replace(/^(request|token)s/, "$1") : unit}`;
}
