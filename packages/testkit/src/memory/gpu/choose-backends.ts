import { basename } from "node:path";
import { checkOption } from "../../options/index.js";
import type { GpuBackend, GpuTool } from "./backend.js";
import { GPU_BACKEND_NAMES, GPU_TOOLS, type GpuBackendName } from "./gpu-tools.js";
import { runTool } from "./run-tool.js";

/** A candidate backend, and the device names that workers use for it. */
export interface GpuCandidate {
  readonly backend: GpuBackend;
  /** `undefined`: a custom backend, which is always used. */
  readonly apis?: readonly string[] | undefined;
}

/** The part of a worker's `device` in /health that a GPU backend can use. */
export type WorkerDevice =
  { readonly device: number; readonly candidates: readonly GpuCandidate[] } | { readonly missing: string };

/** Determines the candidate backends. */
export interface BackendChoice {
  readonly gpuBackend?: GpuBackendName | GpuBackend | undefined;
  readonly gpuCommand?: readonly [string, ...string[]] | undefined;
  readonly platform?: NodeJS.Platform | undefined;
  readonly timeoutMs?: number | undefined;
}

/** A driver that initializes (no persistence mode) takes seconds; a hung driver never answers. */
const TOOL_TIMEOUT_MS = 10_000;

/** APIs that number GPUs unlike any tool. */
const FOREIGN_APIS = ["vulkan", "sycl"];

/**
 * The backends to try, in order. @throws {INVALID_OPTION} it is unclear which tool `gpuCommand`
 * runs.
 */
export function chooseBackends(choice: BackendChoice): readonly GpuCandidate[] {
  const { gpuBackend, gpuCommand } = choice;
  if (typeof gpuBackend === "object") {
    const wanted = "left out with a `gpuBackend` of your own";
    checkOption(gpuCommand === undefined, "gpuCommand", { wanted, value: gpuCommand });
    return [{ backend: gpuBackend }];
  }
  return chooseTools(choice).map((tool) => openTool(tool, choice));
}

function chooseTools({ gpuBackend, gpuCommand, platform = process.platform }: BackendChoice): readonly GpuTool[] {
  const tools: readonly GpuTool[] = GPU_TOOLS;
  const ofVendor = tools.filter(({ vendor }) => vendor === gpuBackend);
  if (gpuCommand === undefined) {
    return gpuBackend === undefined ? tools.filter(({ isUsual }) => isUsual(platform)) : ofVendor;
  }
  const words = gpuCommand.map((word) => basename(word).replace(/\.exe$/i, ""));
  const named = (gpuBackend === undefined ? tools : ofVendor).filter(({ program }) => words.includes(program));
  if (named.length > 0) return named;
  checkOption(gpuBackend !== undefined, "gpuBackend", {
    wanted: `one of ${GPU_BACKEND_NAMES.join(", ")}, because \`gpuCommand\` names none of ${tools.map(({ program }) => program).join(", ")}`,
    value: gpuBackend,
  });
  return ofVendor;
}

function openTool(tool: GpuTool, { gpuCommand, timeoutMs = TOOL_TIMEOUT_MS }: BackendChoice): GpuCandidate {
  const { program, notFound, exitCodes, definitions, apis } = tool;
  const command = gpuCommand ?? ([program] as const);
  const read = tool.open((args) => runTool({ command, timeoutMs, notFound, exitCodes }, args));
  return { backend: { name: program, definitions, read }, apis };
}

/**
 * Reads `cuda:0`, `rocm:1` or `metal`: the backends for that API, and the index. Without a known API or an index, it
 * is the first GPU.
 */
export function resolveWorkerDevice(reported: string, candidates: readonly GpuCandidate[]): WorkerDevice {
  const [, word = "", number = "0"] = /^([a-z]+)(?::(\d+))?\b/i.exec(reported) ?? [];
  const api = word.toLowerCase();
  const toolApis: readonly string[] = GPU_TOOLS.flatMap(({ apis }) => apis);
  if (!toolApis.includes(api) && !FOREIGN_APIS.includes(api)) return { device: 0, candidates };
  const usable = candidates.filter(({ apis }) => apis?.includes(api) ?? true);
  if (usable.length > 0) return { device: Number(number), candidates: usable };
  const tools = candidates.map(({ backend }) => backend.name).join(", ");
  return { missing: `the worker runs on \`${reported}\`, which ${tools} may number differently: set \`gpuDevice\`` };
}
