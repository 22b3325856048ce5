import type { MemoryGpuInfo } from "../../record.js";
import type { GpuAnswer, GpuState, GpuTarget, GpuTool, RunTool } from "../backend.js";
import {
  COMPUTE_APPS_QUERY,
  CSV_FORMAT,
  GPU_QUERY,
  parseComputeApps,
  parseGpus,
  parseMigInstances,
  type GpuRow,
  type MigRow,
} from "./parse-nvidia-smi.js";
import { selectGpu } from "./select-gpu.js";

/** NVIDIA: two concurrent processes per read, tens of milliseconds each. */
export const nvidiaSmi = {
  vendor: "nvidia",
  program: "nvidia-smi",
  notFound: "no NVIDIA driver on this machine",
  exitCodes: { 6: "No devices were found" }, // the code of NVML for "no such object"
  isUsual: (platform) => platform !== "darwin",
  apis: ["cuda"],
  definitions: {
    device: "memory in use on the whole GPU (nvidia-smi --query-gpu=memory.used), by any process",
    process: "GPU memory of the worker's processes (nvidia-smi --query-compute-apps)",
  },
  open: (run) => {
    let instances: Promise<readonly MigRow[]> | undefined; // changed by an administrator, not by a test
    return async (target) => readGpu(run, target, () => (instances ??= listInstances(run)));
  },
} as const satisfies GpuTool;

async function readGpu(
  run: RunTool,
  { device, env }: GpuTarget,
  listMig: () => Promise<readonly MigRow[]>,
): Promise<GpuAnswer> {
  const [gpus, apps] = await Promise.all([run([GPU_QUERY, CSV_FORMAT]), run([COMPUTE_APPS_QUERY, CSV_FORMAT])]);
  if ("failed" in gpus) return { missing: gpus.failed };
  const { rows, problem } = parseGpus(gpus.text);
  if (rows.length === 0) return { missing: problem ?? "nvidia-smi lists no GPU" };
  const wish = { device, visible: env["CUDA_VISIBLE_DEVICES"], order: env["CUDA_DEVICE_ORDER"] };
  const selection = selectGpu(wish, rows, await listMig());
  if ("missing" in selection) {
    const also = problem === undefined ? "" : ` (it also printed: ${problem})`;
    return { missing: `${selection.missing}${also}`, isFinal: true };
  }
  const processes = "failed" in apps ? { missing: apps.failed } : selectProcesses(apps.text, selection.uuids);
  return { gpu: describeGpu(selection.gpu, selection.note), used: selection.gpu.used, processes };
}

async function listInstances(run: RunTool): Promise<readonly MigRow[]> {
  const answer = await run(["-L"]);
  return "failed" in answer ? [] : parseMigInstances(answer.text);
}

function selectProcesses(text: string, uuids: readonly string[]): GpuState["processes"] {
  const { rows, problem } = parseComputeApps(text);
  if (rows.length === 0 && problem !== undefined) return { missing: problem };
  return rows.filter(({ gpuUuid }) => uuids.includes(gpuUuid)).map(({ pid, used }) => ({ pid, used }));
}

function describeGpu({ index, uuid, name, total }: GpuRow, note: string | undefined): MemoryGpuInfo {
  const facts = { index, uuid, name, totalBytes: "bytes" in total ? total.bytes : undefined };
  return note === undefined ? facts : { ...facts, note };
}
