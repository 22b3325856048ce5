import { readFileSync } from "node:fs";

/** An inclusive range of port numbers. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Above the ports that browsers and fetch() refuse (the highest is 10080) and above most well-known services. */
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 65_535;
/** With fewer ports than this outside the ephemeral range, any port is offered. */
const FEWEST_PORTS = 1_000;
/** RFC 6335: what most systems other than Linux use for port-0 binds and outgoing connections. */
const IANA_EPHEMERAL: PortRange = { first: 49_152, last: 65_535 };

/** Ports to offer: outside the ephemeral range, so that no port-0 bind or outgoing connection takes them. */
export function resolvePortRanges(ephemeral: PortRange = readEphemeralRange()): readonly PortRange[] {
  const outside = [
    { first: LOWEST_PORT, last: Math.min(ephemeral.first - 1, HIGHEST_PORT) },
    { first: Math.max(ephemeral.last + 1, LOWEST_PORT), last: HIGHEST_PORT },
  ].filter((range) => range.first <= range.last);
  const enough = countPorts(outside) >= FEWEST_PORTS;
  return enough ? outside : [{ first: LOWEST_PORT, last: HIGHEST_PORT }];
}

/** Number of ports in the ranges. */
export function countPorts(ranges: readonly PortRange[]): number {
  return ranges.reduce((sum, range) => sum + range.last - range.first + 1, 0);
}

/** The port at an index over all ranges; the index wraps around. */
export function portAt(ranges: readonly PortRange[], index: number): number {
  let offset = index % countPorts(ranges);
  for (const range of ranges) {
    const size = range.last - range.first + 1;
    if (offset < size) return range.first + offset;
    offset -= size;
  }
  return LOWEST_PORT;
}

function readEphemeralRange(): PortRange {
  try {
    const text = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8");
    const [first, last] = text.trim().split(/\s+/).map(Number);
    return first !== undefined && last !== undefined && first <= last ? { first, last } : IANA_EPHEMERAL;
  } catch {
    return IANA_EPHEMERAL;
  }
}
