/** `scheme://host[:port]`, the serialized form of RFC 6454. */
const ORIGIN = /^[a-z][a-z\d+.-]*:\/\/[^\s/?#@\\]+$/;

/**
 * An origin in one spelling, as a browser sends it: lower case, without a default port. `null` is that of files and sandboxed
 * frames. `undefined` if it is not an origin.
 */
export function findOrigin(text: string): string | undefined {
  const lower = text.toLowerCase();
  if (lower === "null") return lower;
  if (!ORIGIN.test(lower) || !URL.canParse(lower)) return undefined;
  return /^https?:/.test(lower) ? new URL(lower).origin : lower; // of an extension, `URL.origin` would be "null"
}

/** Whether an `Origin` is the server named by `Host`. A proxy may have terminated TLS, so the scheme is ignored. */
export function isSameOrigin(origin: string, host: string): boolean {
  const found = findOrigin(origin);
  if (found === undefined || !/^https?:/.test(found) || !URL.canParse(`http://${host}`)) return false;
  return new URL(found).host === new URL(`http://${host}`).host;
}
