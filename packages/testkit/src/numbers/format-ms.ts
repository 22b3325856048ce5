import { formatNumber } from "./format-number.js";

const MINUTE_SEC = 60;
const HOUR_SEC = 3_600;

/**
 * A duration, rounded to a meaningful precision: three digits up to two minutes, whole seconds up to an hour, then whole minutes. It is
 * rounded before a unit is chosen, so that no unit shows 60 of the next smaller one. "–" without a number.
 *
 * @example formatMs(150_000) // "2 min 30 s"
 */
export function formatMs(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return "–";
  return ms < 0 ? withSign(write(-ms)) : write(ms);
}

function write(ms: number): string {
  if (ms < 999.5) return `${formatNumber(ms)} ms`;
  if (ms < 119_500) return `${formatNumber(ms / 1_000)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < HOUR_SEC) return join([Math.floor(seconds / MINUTE_SEC), "min"], [seconds % MINUTE_SEC, "s"]);
  const minutes = Math.round(ms / 60_000);
  return join([Math.floor(minutes / 60), "h"], [minutes % 60, "min"]);
}

/** "2 min 30 s"; zero parts are left out. */
function join(large: readonly [number, string], small: readonly [number, string]): string {
  const parts = small[0] === 0 ? [large] : [large, small];
  return parts.map(([value, unit]) => `${formatNumber(value)} ${unit}`).join(" ");
}

function withSign(text: string): string {
  return text.startsWith("0 ") ? text : `-${text}`;
}
