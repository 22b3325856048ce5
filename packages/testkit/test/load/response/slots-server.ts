import type { RequestRecord } from "../../../src/load/index.js";
import { makeRecord } from "../results.js";

/** A server with so many slots, each of which serves one request at a time in the same time. Nothing runs: its times are computed. */
export interface SlotsServer {
  readonly slots: number;
  readonly serviceMs: number;
}

/** What `clients` clients of a closed loop see of it. */
export function serveClosed({ slots, serviceMs }: SlotsServer, clients: number, count: number): RequestRecord[] {
  const freeAt = new Array<number>(slots).fill(0);
  const readyAt = new Array<number>(clients).fill(0);
  return Array.from({ length: count }, (_, index) => {
    const client = readyAt.indexOf(Math.min(...readyAt));
    const record = serve(freeAt, { index, dueMs: readyAt[client]!, serviceMs });
    readyAt[client] = record.closeMs;
    return record;
  });
}

/** What an open loop with a constant rate sees of it. @param fromMs when the first request is due. */
export function serveOpen(
  server: SlotsServer,
  ratePerSec: number,
  { count, fromMs = 0 }: { count: number; fromMs?: number },
) {
  const freeAt = new Array<number>(server.slots).fill(0);
  return Array.from({ length: count }, (_, index) => {
    return serve(freeAt, { index, dueMs: fromMs + (index * 1000) / ratePerSec, serviceMs: server.serviceMs });
  });
}

/** The request takes the slot that is free first. */
function serve(
  freeAt: number[],
  { index, dueMs, serviceMs }: { index: number; dueMs: number; serviceMs: number },
): RequestRecord {
  const slot = freeAt.indexOf(Math.min(...freeAt));
  const beginMs = Math.max(dueMs, freeAt[slot]!);
  const endMs = beginMs + serviceMs;
  freeAt[slot] = endMs;
  return makeRecord(index, {
    schedMs: dueMs,
    sendMs: dueMs,
    firstMs: beginMs + serviceMs / 4,
    lastMs: endMs,
    closeMs: endMs,
  });
}
