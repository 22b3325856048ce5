import { InvalidArgumentError } from "commander";

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
/** `compareRuns()` takes no more. */
const MOST_SHARE = 1_000_000;
const LONGEST_MS = 24 * 3_600_000;

export function parseGpuDevice(value: string): number {
  if (/^(-1|\d{1,3})$/.test(value)) return Number(value);
  throw new InvalidArgumentError("Expected a GPU number, or -1 for the CPU.");
}

export function parseSha256(value: string): string {
  if (/^[0-9a-f]{64}$/i.test(value)) return value.toLowerCase();
  throw new InvalidArgumentError("Expected 64 hexadecimal digits.");
}

export function parseSeconds(value: string): number {
  const seconds = Number(value);
  if (seconds > 0 && seconds <= 86_400) return seconds;
  throw new InvalidArgumentError("Expected a number of seconds above 0, at most 86400.");
}

/** "500ms", "30s", "5m", "1h", in ms. */
export function parseDuration(value: string): number {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(value) ?? [];
  const ms = Number(number) * (UNITS_MS[unit] ?? NaN);
  if (ms > 0 && ms <= LONGEST_MS) return ms;
  throw new InvalidArgumentError("Expected a duration such as 500ms, 30s, 5m or 1h, at most 24h.");
}

export function parseCount(value: string): number {
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  throw new InvalidArgumentError("Expected a whole number above 0.");
}

/** "1" or "1,143". */
export function parseExitCodes(value: string): readonly number[] {
  const codes = value.split(",").map((code) => (/^ *\d{1,3} *$/.test(code) ? Number(code) : NaN));
  if (codes.every((code) => code <= 255)) return codes;
  throw new InvalidArgumentError("Expected exit codes from 0 to 255, with commas, for example 1,143.");
}

/** A number of requests, or a duration. */
export function parseExtent(value: string): { readonly count: number } | { readonly durationMs: number } {
  return /^\d+$/.test(value) ? { count: parseCount(value) } : { durationMs: parseDuration(value) };
}

export function parseRate(value: string): number {
  const rate = Number(value);
  if (value.trim() !== "" && rate > 0 && rate <= 1_000_000) return rate;
  throw new InvalidArgumentError("Expected a number of requests per second above 0.");
}

/** 0.1 is 10 %. */
export function parseShare(value: string): number {
  const share = Number(value);
  if (value.trim() !== "" && share >= 0 && share <= MOST_SHARE) return share;
  throw new InvalidArgumentError("Expected a share such as 0.1.");
}

/** A u64. */
export function parseSeed(value: string): bigint {
  if (/^\d{1,20}$/.test(value) && BigInt(value) < 2n ** 64n) return BigInt(value);
  throw new InvalidArgumentError("Expected a whole number from 0 to 2^64 - 1.");
}

/** JSON, or `@file` with it; it is read later. */
export function parseObject(value: string): string {
  if (value.startsWith("@") || value.trimStart().startsWith("{")) return value;
  throw new InvalidArgumentError("Expected a JSON object, or @ and the path of a file with one.");
}
