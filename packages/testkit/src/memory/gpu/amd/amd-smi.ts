import type { GpuAnswer, GpuState, GpuTarget, GpuTool, RunTool, ToolAnswer } from "../backend.js";
import { asRecord, asText, asWhole, parseJsonOutput, readSize, type JsonOutput } from "./json-output.js";
import { selectHipGpu, type HipGpu } from "./select-hip-gpu.js";

/** GPUs, or why there are none. */
type Listing = { readonly gpus: readonly HipGpu[] } | { readonly missing: string };

const TOOL = "amd-smi";

/** AMD, ROCm 6 and later: two concurrent processes per read. The GPUs are listed once. */
export const amdSmi = {
  vendor: "amd",
  program: TOOL,
  notFound: "no ROCm on this machine, or an old one",
  isUsual: (platform) => platform !== "darwin",
  apis: ["rocm", "hip", "cuda"],
  definitions: {
    device: "memory in use on the whole GPU (`used_vram` of amd-smi metric --mem-usage), by any process",
    process: "GPU memory of the worker's processes (`vram_mem` of amd-smi process)",
  },
  open: (run) => {
    let known: Extract<Listing, { gpus: unknown }> | undefined;
    return async (target) => {
      const listing = known ?? (await listGpus(run));
      if ("missing" in listing) return listing;
      known = listing;
      return readGpu(run, target, listing.gpus);
    };
  },
} as const satisfies GpuTool;

/** Only `list -e` prints the HIP ids; the option is newer than the tool. Names are in `static` and are optional. */
async function listGpus(run: RunTool): Promise<Listing> {
  const [enumerated, details] = await Promise.all([run(["list", "-e", "--json"]), run(["static", "--asic", "--json"])]);
  const listed = parseAnswer("failed" in enumerated ? await run(["list", "--json"]) : enumerated);
  if ("missing" in listed) return listed;
  const statics = parseAnswer(details);
  const gpus = parseGpuList(listed.json, "missing" in statics ? [] : statics.json);
  return gpus.length === 0 ? { missing: "amd-smi lists no GPU" } : { gpus };
}

async function readGpu(run: RunTool, target: GpuTarget, gpus: readonly HipGpu[]): Promise<GpuAnswer> {
  const selection = selectHipGpu(target, { tool: TOOL, gpus });
  if ("missing" in selection) return { ...selection, isFinal: true };
  const { index, name, uuids } = selection.gpu;
  const only = ["--gpu", String(index), "--json"];
  const [metric, process] = await Promise.all([run(["metric", "--mem-usage", ...only]), run(["process", ...only])]);
  const usage = parseAnswer(metric);
  if ("missing" in usage) return usage;
  const { used, total } = parseMemUsage(usage.json, index);
  const listed = parseAnswer(process);
  const processes = "missing" in listed ? listed : parseProcesses(listed.json, index);
  const totalBytes = "bytes" in total ? total.bytes : undefined;
  return { gpu: { index, uuid: uuids[0] ?? "N/A", name, totalBytes }, used, processes };
}

function parseAnswer(answer: ToolAnswer): JsonOutput {
  return "failed" in answer ? { missing: answer.failed } : parseJsonOutput(TOOL, answer);
}

/** Joins `list -e` with `static --asic`. */
export function parseGpuList(list: unknown, statics: unknown): readonly HipGpu[] {
  const details = findRows(statics);
  return findRows(list).map((row) => {
    const detail = details.find((each) => each["gpu"] === row["gpu"]);
    return {
      index: Number(row["gpu"]),
      name: asText(asRecord(detail?.["asic"])?.["market_name"]) ?? "AMD GPU",
      uuids: [row["hip_uuid"], row["uuid"]].flatMap((uuid) => asText(uuid) ?? []),
      hipOrder: asWhole(row["hip_id"]),
    };
  });
}

/** Parses `metric --mem-usage`; if it is unknown, `mem_usage` is the string `"N/A"`. */
export function parseMemUsage(json: unknown, index: number): Pick<GpuState, "used"> & { total: GpuState["used"] } {
  const usage = findRows(json).find((row) => row["gpu"] === index)?.["mem_usage"];
  const words = asRecord(usage) === undefined ? usage : undefined;
  const read = (key: string) => readSize(`amd-smi ${key}`, words ?? asRecord(usage)?.[key]);
  return { used: read("used_vram"), total: read("total_vram") };
}

/** Parses `process`. Without processes the list has one entry whose `process_info` is a sentence. */
export function parseProcesses(json: unknown, index: number): GpuState["processes"] {
  const list = findRows(json).find((row) => row["gpu"] === index)?.["process_list"];
  if (!Array.isArray(list)) return { missing: `amd-smi process_list: ${asText(list) ?? "none"}` };
  const infos = list.map((entry: unknown) => asRecord(entry)?.["process_info"]);
  const problem = infos.find((info) => typeof info === "string" && !/no running processes/i.test(info));
  if (typeof problem === "string") return { missing: `amd-smi process_info: ${problem}` };
  return infos.flatMap((info) => {
    const { pid, memory_usage: memory } = asRecord(info) ?? {};
    const number = asWhole(pid);
    const vram = asRecord(memory) === undefined ? memory : asRecord(memory)?.["vram_mem"];
    return number === undefined ? [] : [{ pid: number, used: readSize("amd-smi vram_mem", vram) }];
  });
}

/** A list, a single GPU, or either in `gpu_data`. */
function findRows(json: unknown): readonly Readonly<Record<string, unknown>>[] {
  const data = asRecord(json)?.["gpu_data"] ?? json;
  const rows: readonly unknown[] = Array.isArray(data) ? data : [data];
  return rows.map((row) => asRecord(row) ?? {}).filter((row) => asWhole(row["gpu"]) !== undefined);
}
