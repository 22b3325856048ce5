import type { GpuAnswer, GpuCell, GpuState, GpuTarget, GpuTool, RunTool, ToolAnswer } from "../backend.js";
import { asRecord, asText, asWhole, parseJsonOutput, type JsonOutput } from "./json-output.js";
import { selectHipGpu, type HipGpu } from "./select-hip-gpu.js";

/** A card of rocm-smi. */
interface Card extends HipGpu {
  readonly used: GpuCell;
  readonly total: GpuCell;
}

const TOOL = "rocm-smi";
const CARDS_QUERY = ["--showmeminfo", "vram", "--showuniqueid", "--showproductname", "--json"];
const PROCESSES_QUERY = ["--showpids", "--json"];

/** AMD before amd-smi: two concurrent processes per read. */
export const rocmSmi = {
  vendor: "amd",
  program: TOOL,
  notFound: "no ROCm on this machine",
  isUsual: (platform) => platform !== "darwin",
  apis: ["rocm", "hip", "cuda"],
  definitions: {
    device: "memory in use on the whole GPU (rocm-smi --showmeminfo vram), by any process",
    process: "GPU memory of the worker's processes (rocm-smi --showpids)",
  },
  open: (run) => async (target) => readCard(run, target),
} as const satisfies GpuTool;

async function readCard(run: RunTool, target: GpuTarget): Promise<GpuAnswer> {
  const [answer, pids] = await Promise.all([run(CARDS_QUERY), run(PROCESSES_QUERY)]);
  const printed = parseAnswer(answer);
  if ("missing" in printed) return printed;
  const cards = parseCards(printed.json);
  if (cards.length === 0) return { missing: "rocm-smi lists no GPU" };
  const selection = selectHipGpu(target, { tool: TOOL, gpus: cards });
  if ("missing" in selection) return { ...selection, isFinal: true };
  const { index, name, uuids, used, total } = selection.gpu;
  const totalBytes = "bytes" in total ? total.bytes : undefined;
  return { gpu: { index, uuid: uuids[0] ?? "N/A", name, totalBytes }, used, processes: readProcesses(pids, cards) };
}

/** The process list does not name the GPU: its column "GPU(s)" is a count. */
function readProcesses(answer: ToolAnswer, cards: readonly Card[]): GpuState["processes"] {
  if (cards.length > 1) {
    return { missing: "rocm-smi --showpids does not report which GPU a process uses; amd-smi does" };
  }
  if ("failed" in answer) return { missing: answer.failed };
  const isEmpty = /No KFD PIDs currently running|No JSON data to report/i.test(`${answer.text}\n${answer.errorText}`);
  const printed = parseJsonOutput(TOOL, answer);
  if ("missing" in printed) return isEmpty ? [] : printed;
  return parseProcesses(printed.json);
}

function parseAnswer(answer: ToolAnswer): JsonOutput {
  return "failed" in answer ? { missing: answer.failed } : parseJsonOutput(TOOL, answer);
}

/** Parses the output of the card query: `{"card0": {…}, …}`. Keys differ in case between releases. */
export function parseCards(json: unknown): readonly Card[] {
  return Object.entries(asRecord(json) ?? {}).flatMap(([key, value]) => {
    const index = asWhole(/^card(\d+)$/.exec(key)?.[1]);
    const facts = asRecord(value);
    return index === undefined || facts === undefined ? [] : [parseCard(index, facts)];
  });
}

function parseCard(index: number, facts: Readonly<Record<string, unknown>>): Card {
  const lower = new Map(Object.entries(facts).map(([key, value]) => [key.toLowerCase(), value]));
  const id = /^0x([\da-f]+)$/i.exec(asText(lower.get("unique id")) ?? "")?.[1];
  const read = (key: string): GpuCell => readBytes(key, lower.get(key.toLowerCase()));
  return {
    index,
    name: asText(lower.get("card series")) ?? asText(lower.get("card model")) ?? "AMD GPU",
    uuids: id === undefined ? [] : [`GPU-${id.padStart(16, "0")}`, `0x${id}`], // the HIP UUID is the unique id
    hipOrder: asWhole(lower.get("node id")),
    used: read("VRAM Total Used Memory (B)"),
    total: read("VRAM Total Memory (B)"),
  };
}

/**
 * Parses `--showpids`: `{"system": {"PID123": "name, GPU(s), VRAM, SDMA, CU occupancy"}}`. The name may contain commas. A process
 * that only opened the driver is listed with no GPU and no memory: it uses none.
 */
export function parseProcesses(json: unknown): GpuState["processes"] {
  return Object.entries(asRecord(asRecord(json)?.["system"]) ?? {}).flatMap(([key, value]) => {
    const pid = asWhole(/^PID ?(\d+)$/.exec(key)?.[1]);
    if (pid === undefined || typeof value !== "string") return [];
    const [gpus = "", vram] = value
      .split(",")
      .slice(-4)
      .map((cell) => cell.trim());
    return gpus === "0" && vram === "0" ? [] : [{ pid, used: readBytes("VRAM USED", vram) }];
  });
}

function readBytes(what: string, value: unknown): GpuCell {
  const bytes = asWhole(value);
  if (bytes !== undefined) return { bytes };
  return { missing: typeof value === "string" && value !== "" ? `rocm-smi ${what}: ${value}` : `no rocm-smi ${what}` };
}
