import { readFileSync } from "node:fs";
import { isIPv4 } from "node:net";
import { endianness } from "node:os";

/** A listening TCP socket as the kernel lists it. */
export interface ListeningSocket {
  readonly inode: string;
  /** The user who made it. */
  readonly userId: number;
}

interface Row extends ListeningSocket {
  readonly address: string;
}

const LISTEN = "0A";
const ANY_V4 = "00000000";
const ANY_V6 = "0".repeat(32);

/**
 * The sockets that a connection to that address and port reaches, from `/proc/net/tcp` and `/proc/net/tcp6`: as in the kernel, a socket
 * bound to the very address goes before one bound to all addresses. Several sockets share a port with SO_REUSEPORT.
 *
 * @param address an IP address.
 * @returns `undefined` if the tables cannot be read.
 */
export function findListeningSockets(address: string, port: number): readonly ListeningSocket[] | undefined {
  const v4 = readTable("/proc/net/tcp");
  const v6 = readTable("/proc/net/tcp6") ?? ""; // absent where IPv6 is switched off
  if (v4 === undefined) return undefined;
  const rows = [...parseListening(v4, port), ...parseListening(v6, port)];
  for (const candidates of rankAddresses(address)) {
    const found = rows.filter((row) => candidates === row.address);
    if (found.length > 0) return found;
  }
  return [];
}

/** Bound addresses that accept a connection to `address`, the kernel's choice first, in the notation of the tables. */
function rankAddresses(address: string): readonly string[] {
  const own = formatAddress(address);
  if (!isIPv4(address)) return [own, ANY_V6];
  return [own, formatAddress(`::ffff:${address}`), ANY_V4, ANY_V6];
}

/** Columns: number, local `address:port`, remote, state, queues, timer, retransmits, user, time-out, inode. */
function parseListening(table: string, port: number): Row[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return table.split("\n").flatMap((line) => {
    const [, local = "", , state, , , , userId, , inode = ""] = line.trim().split(/\s+/, 10);
    if (state !== LISTEN || !local.endsWith(suffix)) return [];
    return [{ address: local.slice(0, -suffix.length), userId: Number(userId), inode }];
  });
}

/** The kernel prints each 32-bit word of an address in the byte order of the machine. */
function formatAddress(address: string): string {
  const bytes = isIPv4(address) ? address.split(".").map(Number) : toV6Bytes(address);
  const words = Array.from({ length: bytes.length / 4 }, (_, index) => bytes.slice(index * 4, index * 4 + 4));
  const ordered = words.flatMap((word) => (endianness() === "LE" ? word.toReversed() : word));
  return ordered.map((byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join("");
}

function toV6Bytes(address: string): number[] {
  const bare = address.replace(/%.*$/, ""); // the zone of a link-local address
  const host = new URL(`http://[${bare}]`).hostname.slice(1, -1); // in hexadecimal throughout
  const [head = "", tail] = host.split("::");
  const groups = (text: string): number[] => (text === "" ? [] : text.split(":").map((group) => parseInt(group, 16)));
  const [left, right] = [groups(head), groups(tail ?? "")];
  const zeros = new Array<number>(8 - left.length - right.length).fill(0);
  return [...left, ...zeros, ...right].flatMap((group) => [group >> 8, group & 0xff]);
}

function readTable(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}
