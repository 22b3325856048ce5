import type { GpuCell } from "../backend.js";

const MIB = 1024 ** 2;

/** One row of `nvidia-smi --query-gpu=index,uuid,memory.used,memory.total,name`. */
export interface GpuRow {
  readonly index: number;
  readonly uuid: string;
  readonly name: string;
  readonly used: GpuCell;
  readonly total: GpuCell;
}

/** One row of `nvidia-smi --query-compute-apps=gpu_uuid,pid,used_gpu_memory`. */
export interface ComputeAppRow {
  readonly gpuUuid: string;
  readonly pid: number;
  readonly used: GpuCell;
}

/** One MIG instance of `nvidia-smi -L`. */
export interface MigRow {
  readonly uuid: string;
  readonly gpuUuid: string;
}

/** Rows, and the first line that is not a row: error messages are printed in place of the table, on stdout. */
export interface Table<Row> {
  readonly rows: readonly Row[];
  readonly problem: string | undefined;
}

export const GPU_QUERY = "--query-gpu=index,uuid,memory.used,memory.total,name";
export const COMPUTE_APPS_QUERY = "--query-compute-apps=gpu_uuid,pid,used_gpu_memory";
/** Without units all sizes are MiB. */
export const CSV_FORMAT = "--format=csv,noheader,nounits";

/** Parses the output of {@link GPU_QUERY}; a GPU that fell off the bus is a text line between the rows. */
export function parseGpus(text: string): Table<GpuRow> {
  return parseTable(text, (line) => {
    const [index = "", uuid = "", used = "", total = "", ...name] = splitCells(line);
    if (!/^\d+$/.test(index) || !uuid.startsWith("GPU-")) return undefined;
    return { index: Number(index), uuid, name: name.join(", "), used: parseCell(used), total: parseCell(total) };
  });
}

/** Parses the output of {@link COMPUTE_APPS_QUERY}. Empty output is valid: no process is listed. */
export function parseComputeApps(text: string): Table<ComputeAppRow> {
  return parseTable(text, (line) => {
    const [gpuUuid = "", pid = "", used = ""] = splitCells(line);
    if (!/^\d+$/.test(pid) || !/^(GPU|MIG)-/.test(gpuUuid)) return undefined;
    return { gpuUuid, pid: Number(pid), used: parseCell(used) };
  });
}

/** Parses the MIG instances, each below its GPU, from `nvidia-smi -L`. */
export function parseMigInstances(text: string): readonly MigRow[] {
  let gpuUuid = "";
  return text.split(/\r?\n/).flatMap((line) => {
    const uuid = /\(UUID: ([^)\s]+)\)/.exec(line)?.[1] ?? "";
    if (uuid.startsWith("GPU-")) gpuUuid = uuid;
    return uuid.startsWith("MIG-") ? [{ uuid, gpuUuid }] : [];
  });
}

function parseTable<Row>(text: string, parseRow: (line: string) => Row | undefined): Table<Row> {
  const rows: Row[] = [];
  let problem: string | undefined;
  for (const line of text.split(/\r?\n/).map((raw) => raw.trim())) {
    const row = line === "" ? undefined : parseRow(line);
    if (row !== undefined) rows.push(row);
    else if (line !== "") problem ??= line;
  }
  return { rows, problem };
}

function splitCells(line: string): string[] {
  return line.split(",").map((cell) => cell.trim());
}

/** `[N/A]`, `[Not Supported]`, `[Insufficient Permissions]`, `[Unknown Error]`, `[GPU is lost]` … or MiB; old drivers print the unit. */
function parseCell(cell: string): GpuCell {
  const mebibytes = /^(\d+)(?: MiB)?$/.exec(cell)?.[1];
  return mebibytes === undefined ? { missing: cell === "" ? "no figure" : cell } : { bytes: Number(mebibytes) * MIB };
}
