import type { GpuProcess, GpuState } from "../gpu/backend.js";
import type { LedgerEntry } from "./ledger-file.js";

/** A GPU as it was just read, with its size. */
export interface GpuReading extends GpuState {
  readonly totalBytes: number;
}

/** How the memory of one GPU is shared at the moment, in bytes. */
export interface GpuShares {
  readonly gpu: GpuState["gpu"];
  readonly totalBytes: number;
  readonly holders: readonly LedgerEntry[];
  /** What the holders may use together. */
  readonly reservedBytes: number;
  /** What others use: processes that the ledger does not know, and the driver. */
  readonly foreignBytes: number;
  /** What nobody uses or may use. */
  readonly freeBytes: number;
}

/**
 * How a GPU is shared. Memory in use counts once: a holder that has loaded its model uses its own share. What the holders use is known from the
 * list of the GPU's processes; where it is empty although memory is in use, as in most containers, memory up to what is reserved counts as theirs.
 *
 * @param ownersOf the processes of a holder: itself and its descendants.
 */
export function describeShares(
  { gpu, totalBytes, used, processes }: GpuReading,
  entries: readonly LedgerEntry[],
  ownersOf: (pid: number) => readonly number[],
): GpuShares {
  const holders = entries.filter(({ uuid }) => uuid === gpu.uuid);
  const reservedBytes = sum(holders.map(({ bytes = totalBytes }) => bytes));
  const usedBytes = "bytes" in used ? used.bytes : 0;
  const known = new Set(holders.flatMap(({ pid }) => ownersOf(pid)));
  const listed = "missing" in processes ? [] : processes;
  const heldBytes = listed.length > 0 ? sumOf(listed, known) : reservedBytes;
  const foreignBytes = Math.max(0, usedBytes - heldBytes);
  return {
    ...{ gpu, totalBytes, holders, reservedBytes, foreignBytes },
    freeBytes: Math.max(0, totalBytes - reservedBytes - foreignBytes),
  };
}

/** The GPU for a new entry: of those on which it fits, the one with the least free memory, so that large ones still find a place. */
export function findPlace(bytes: number | undefined, shares: readonly GpuShares[]): GpuShares | undefined {
  const fitting = shares.filter(({ freeBytes, holders }) =>
    bytes === undefined ? holders.length === 0 : bytes <= freeBytes,
  );
  return fitting.sort((one, two) => one.freeBytes - two.freeBytes)[0];
}

/** What some processes of a GPU use. */
export function sumOf(processes: readonly GpuProcess[], pids: ReadonlySet<number>): number {
  const own = processes.filter(({ pid }) => pids.has(pid));
  return sum(own.map(({ used }) => ("bytes" in used ? used.bytes : 0)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
