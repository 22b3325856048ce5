import { isIPv4, isIPv6 } from "node:net";

/** A host name, an IPv4 address or an IPv6 address in brackets, and a port that may be missing. No user, no path, no escapes. */
const AUTHORITY = /^(?:\[[\da-f:.]+\]|[^\s:/?#@[\]\\%]+)(?::\d{0,5})?$/i;
const LOOPBACK = /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\]|\[::ffff:7f[\da-f]{2}:[\da-f]{1,4}\])$/;

/**
 * The host of a `Host` header in one spelling: lower case, without port and trailing dot, addresses as a URL writes them (`127.1`
 * is `127.0.0.1`). `undefined` if it is not a host.
 */
export function findHost(authority: string): string | undefined {
  if (!AUTHORITY.test(authority) || !URL.canParse(`http://${authority}`)) return undefined;
  return new URL(`http://${authority}`).hostname.replace(/\.$/, "");
}

/** The same for a name or address without a port, as in flags and sockets: IPv6 needs no brackets and may have a zone. */
export function findBareHost(text: string): string | undefined {
  const address = text.replace(/%.*$/, "").replace(/^::ffff:(?=\d+\.)/i, "");
  if (isIPv6(address)) return findHost(`[${address}]`);
  return /:\d*$/.test(address) ? undefined : findHost(address);
}

/** Names and addresses that only reach this machine; RFC 6761 reserves everything below `localhost`. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/** An address, not a name: it cannot be pointed at another machine, so DNS rebinding cannot use it. */
export function isAddress(host: string): boolean {
  return host.startsWith("[") || isIPv4(host);
}

/** Whether a listener bound to it accepts connections on every address of the machine. */
export function isUnspecified(host: string): boolean {
  return host === "0.0.0.0" || host === "[::]";
}
