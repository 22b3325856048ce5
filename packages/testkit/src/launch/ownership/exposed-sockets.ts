import type { Holdings } from "../process/holdings.js";
import { listExposedSockets } from "./listening-sockets.js";

/** The addresses other than loopback on which a process listens that has these files open. Empty outside Linux. */
export function listExposed(holdings: Holdings): readonly string[] {
  const exposed = listExposedSockets().filter(({ inode }) => holdings.has(`socket:[${inode}]`));
  return [...new Set(exposed.map(({ address }) => address))];
}
