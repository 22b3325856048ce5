import type { MemoryGpuInfo } from "../record.js";
import {
  COMPUTE_APPS_QUERY,
  CSV_FORMAT,
  GPU_QUERY,
  parseComputeApps,
  parseGpus,
  parseMigInstances,
  type ComputeAppRow,
  type GpuCell,
  type GpuRow,
  type MigRow,
} from "./parse-nvidia-smi.js";
import { runNvidiaSmi, type NvidiaSmi } from "./run-nvidia-smi.js";
import { selectGpu, type GpuSelection, type GpuWish } from "./select-gpu.js";

/** The memory of one GPU at one moment. */
export interface GpuState {
  readonly gpu: MemoryGpuInfo;
  readonly used: GpuCell;
  /** Processes that compute on it, or why they are not known. */
  readonly processes: readonly ComputeAppRow[] | { readonly missing: string };
}

/** The state, or why there is none. */
export type GpuAnswer = GpuState | { readonly missing: string };

/** Reads one GPU through `nvidia-smi`: two processes a look, at the same time, tens of milliseconds each. */
export class GpuReader {
  readonly #smi: NvidiaSmi;
  readonly #wish: GpuWish;
  #instances: readonly MigRow[] | undefined;

  constructor(smi: NvidiaSmi, wish: GpuWish) {
    this.#smi = smi;
    this.#wish = wish;
  }

  /** Looks once; never rejects. */
  async read(): Promise<GpuAnswer> {
    const [gpus, apps] = await Promise.all([
      runNvidiaSmi(this.#smi, [GPU_QUERY, CSV_FORMAT]),
      runNvidiaSmi(this.#smi, [COMPUTE_APPS_QUERY, CSV_FORMAT]),
    ]);
    if ("failed" in gpus) return { missing: gpus.failed };
    const { rows, problem } = parseGpus(gpus.text);
    if (rows.length === 0) return { missing: problem ?? "nvidia-smi lists no GPU" };
    const selection = await this.#select(rows);
    if ("missing" in selection) {
      return { missing: problem === undefined ? selection.missing : `${selection.missing} (it also said: ${problem})` };
    }
    const processes = "failed" in apps ? { missing: apps.failed } : selectProcesses(apps.text, selection.uuids);
    return { gpu: describeGpu(selection.gpu, selection.note), used: selection.gpu.used, processes };
  }

  async #select(gpus: readonly GpuRow[]): Promise<GpuSelection> {
    this.#instances ??= await this.#listInstances();
    return selectGpu(this.#wish, gpus, this.#instances);
  }

  /** They are made and taken away by an administrator, not during a test. */
  async #listInstances(): Promise<readonly MigRow[]> {
    const answer = await runNvidiaSmi(this.#smi, ["-L"]);
    return "failed" in answer ? [] : parseMigInstances(answer.text);
  }
}

function selectProcesses(text: string, uuids: readonly string[]): GpuState["processes"] {
  const { rows, problem } = parseComputeApps(text);
  if (rows.length === 0 && problem !== undefined) return { missing: problem };
  return rows.filter(({ gpuUuid }) => uuids.includes(gpuUuid));
}

function describeGpu({ index, uuid, name, total }: GpuRow, note: string | undefined): MemoryGpuInfo {
  const facts = { index, uuid, name, totalBytes: "bytes" in total ? total.bytes : undefined };
  return note === undefined ? facts : { ...facts, note };
}
