import { randomUUID } from "node:crypto";
import { listDescendants, readStatus } from "../../launch/index.js";
import { describeShares, findPlace, type GpuReading, type GpuShares } from "./admission.js";
import type { LedgerEntry, LedgerFile } from "./ledger-file.js";

/** Room above what the last run used. */
const PEAK_MARGIN = 1.05;

/** The share, or why there is none yet. */
export type Attempt =
  | { readonly taken: LedgerEntry & { readonly uuid: string; readonly bytes: number } }
  | { readonly shares: readonly GpuShares[]; readonly ahead: readonly LedgerEntry[] };

/**
 * Joins the queue. Without `bytes`, it asks for what the last run of the name used, and else for a whole GPU.
 */
export function enter(ledger: LedgerFile, name: string, bytes: number | undefined): Promise<LedgerEntry> {
  const own = { id: randomUUID(), name, pid: process.pid, startTime: readStatus(process.pid)?.startTime ?? "" };
  return ledger.update(({ entries, peaks }) => {
    const peak = Object.hasOwn(peaks, name) ? peaks[name] : undefined;
    const remembered = peak === undefined ? undefined : Math.ceil(peak * PEAK_MARGIN);
    const entry: LedgerEntry = { ...own, since: Date.now(), bytes: bytes ?? remembered };
    return { content: { entries: [...entries, entry], peaks }, result: entry };
  });
}

/** Whether nobody waits longer. */
export function isNext(ledger: LedgerFile, own: LedgerEntry): Promise<boolean> {
  return ledger.update((content) => ({ content, result: listAhead(content.entries, own).length === 0 }));
}

/** Takes a share if nobody waits longer and there is room. */
export function tryTake(ledger: LedgerFile, own: LedgerEntry, gpus: readonly GpuReading[]): Promise<Attempt> {
  return ledger.update<Attempt>((content) => {
    const { entries } = content;
    const ahead = listAhead(entries, own);
    const shares = gpus.map((gpu) => describeShares(gpu, entries, listProcesses));
    const place = ahead.length === 0 ? findPlace(own.bytes, shares) : undefined;
    if (place === undefined) return { content, result: { shares, ahead } };
    const taken = { ...own, uuid: place.gpu.uuid, bytes: own.bytes ?? place.freeBytes };
    const others = entries.filter(({ id }) => id !== own.id);
    return { content: { ...content, entries: [...others, taken] }, result: { taken } };
  });
}

/**
 * Leaves the queue or gives the share back.
 *
 * @param peakBytes what it used at most, remembered for the next run; 0 if that is not known.
 */
export function leave(ledger: LedgerFile, own: LedgerEntry, peakBytes = 0): Promise<void> {
  return ledger.update(({ entries, peaks }) => ({
    content: {
      entries: entries.filter(({ id }) => id !== own.id),
      peaks: peakBytes === 0 ? peaks : { ...peaks, [own.name]: peakBytes },
    },
    result: undefined,
  }));
}

function listProcesses(pid: number): readonly number[] {
  return [pid, ...listDescendants(pid)];
}

/** Those that came earlier and wait, too. */
function listAhead(entries: readonly LedgerEntry[], own: LedgerEntry): readonly LedgerEntry[] {
  const place = entries.findIndex(({ id }) => id === own.id);
  return entries.slice(0, Math.max(0, place)).filter(({ uuid }) => uuid === undefined);
}
