import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { askLsof } from "./ask-lsof.js";
import { askProc } from "./ask-proc.js";
import type { OwnerQuestion, PortOwner } from "./port-owner.js";

/** A port, by the name or address that requests use, and the worker that should listen on it. */
export interface PortToCheck {
  readonly host: string;
  readonly port: number;
  readonly worker: OwnerQuestion["worker"];
}

/**
 * Finds out whether the process listening on a port is the worker or belongs to it, from `/proc` on Linux and from `lsof` elsewhere.
 * Never rejects: if it cannot be determined, the result is `unverified`.
 */
export async function findPortOwner({ host, port, worker }: PortToCheck): Promise<PortOwner> {
  try {
    for (const address of await resolveAddresses(host)) {
      const owner = await ask({ address, port, worker });
      if (owner !== undefined) return owner; // the first address that accepts is the one that requests connect to
    }
    return { status: "unverified", reason: "no listening socket can be seen; the port may be forwarded" };
  } catch (error) {
    return { status: "unverified", reason: `the lookup failed: ${(error as Error).message}` };
  }
}

async function ask(question: OwnerQuestion): Promise<PortOwner | undefined> {
  return process.platform === "linux" ? askProc(question) : await askLsof(question);
}

/** A connection to "all addresses" goes to loopback. */
async function resolveAddresses(host: string): Promise<readonly string[]> {
  if (host === "0.0.0.0") return ["127.0.0.1"];
  if (host === "::") return ["::1"];
  return isIP(host) === 0 ? (await lookup(host, { all: true })).map(({ address }) => address) : [host];
}
