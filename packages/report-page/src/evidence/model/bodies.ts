import type { PageBody } from "../../testkit.js";

/** A body as text: JSON and texts as they are, bytes as UTF-8 or else in hexadecimal. */
export function showBody({ kind, text }: PageBody): string {
  if (kind !== "base64") return text;
  const bytes = toBytes(text);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  }
}

/** In bytes. */
export function sizeOf({ kind, text }: PageBody): number {
  return kind === "base64" ? toBytes(text).length : new TextEncoder().encode(text).length;
}

function toBytes(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  } catch {
    return new Uint8Array(); // a bundle that was written by hand
  }
}
