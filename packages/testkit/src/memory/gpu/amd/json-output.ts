import type { GpuCell } from "../backend.js";
import { findFirstLine } from "../run-tool.js";

/** A tool's JSON, or the reason why there is none. */
export type JsonOutput = { readonly json: unknown } | { readonly missing: string };

/** What a tool printed. */
export interface PrintedOutput {
  readonly text: string;
  readonly errorText: string;
}

/** Lines that may start the JSON. A warning may also start with a bracket. */
const MOST_BEGINNINGS = 20;
/** amd-smi prints MB for MiB: 16 GiB is `16368 MB`. */
const UNITS: Readonly<Record<string, number>> = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };

/**
 * Finds the JSON in a tool's output: rocm-smi prints warnings before it, on the same stream. It must start at the beginning of a
 * line, so that an indented part of truncated JSON is not mistaken for the whole.
 */
export function parseJsonOutput(tool: string, { text, errorText }: PrintedOutput): JsonOutput {
  const beginnings = [...text.matchAll(/^[{[]/gm)].slice(0, MOST_BEGINNINGS);
  const end = Math.max(text.lastIndexOf("}"), text.lastIndexOf("]")) + 1;
  for (const { index } of beginnings) {
    const json = parseJson(text.slice(index, end));
    if (json !== undefined) return { json };
  }
  const line = findFirstLine(text) ?? findFirstLine(errorText);
  if (line === undefined) return { missing: `${tool} printed nothing` };
  const isBroken = beginnings.length > 0;
  return { missing: isBroken ? `${tool} printed incomplete JSON: ${line}` : `${tool} printed no JSON: ${line}` };
}

/** `{"value": 48000, "unit": "B"}`, or words such as `"N/A"`. */
export function readSize(what: string, value: unknown): GpuCell {
  if (typeof value === "string" && value !== "") return { missing: `${what}: ${value}` };
  const { value: size, unit } = asRecord(value) ?? {};
  const factor = typeof unit === "string" ? UNITS[unit] : undefined;
  if (typeof size === "string" && size !== "") return { missing: `${what}: ${size}` };
  if (typeof size !== "number" || !(size >= 0) || factor === undefined) return { missing: `no ${what}` };
  return { bytes: size * factor };
}

/** An object with named properties, or `undefined`. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

/** A meaningful string, or `undefined`; the tools print `"N/A"` for a missing value. */
export function asText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" && value !== "N/A" ? value : undefined;
}

/** A non-negative integer, possibly as a string, or `undefined`. */
export function asWhole(value: unknown): number | undefined {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && /^\d+$/.test(text) ? Number(text) : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
