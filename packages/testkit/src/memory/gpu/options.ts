import {
  checkedBy,
  checkOption,
  custom,
  defineOptions,
  isRecord,
  resolveOptions,
  type Option,
  type OptionsOf,
} from "../../options/index.js";
import type { GpuBackend } from "./backend.js";
import { chooseBackends, type GpuCandidate } from "./choose-backends.js";
import { GPU_BACKEND_NAMES, type GpuBackendName } from "./gpu-tools.js";

/** More devices than any API supports. */
const MOST_DEVICES = 128;
const UUID = /^(?:(?:GPU|MIG)-[\w/-]+|0x[\da-f]+|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/i;

export const GPU_BACKEND_OPTIONS = defineOptions({
  /**
   * Reads the GPU: a built-in backend or your own object.
   *
   * @default on macOS "apple", elsewhere the first of nvidia-smi, amd-smi and rocm-smi in PATH that lists a GPU
   */
  gpuBackend: custom<GpuBackendName | GpuBackend>(
    `one of ${GPU_BACKEND_NAMES.join(", ")}, or a GpuBackend ({ name, definitions, read })`,
    (value) => GPU_BACKEND_NAMES.some((name) => name === value) || isBackend(value),
  ),
  /**
   * The command for the backend's tool: a program, or a program and leading arguments, such as `["sudo", "-n", "amd-smi"]`. A
   * command that does not name a tool requires `gpuBackend`. @default the tool, found in PATH
   */
  gpuCommand: checkedBy(readCommand),
});

/** Selects the GPU and its backend. */
export const GPU_OPTIONS = defineOptions({
  /**
   * Index among the GPUs visible to the worker (`CUDA_VISIBLE_DEVICES`, `HIP_VISIBLE_DEVICES` and `ROCR_VISIBLE_DEVICES`
   * renumber them), or a UUID or UUID prefix as printed by the tool. -1 is the CPU: the GPU sources are then unavailable.
   */
  gpuDevice: gpuDevice(-1),
  ...GPU_BACKEND_OPTIONS,
});

/** Selects the GPU and its backend. */
export type GpuOptions = OptionsOf<typeof GPU_OPTIONS>;

/** The resolved options, with the backends to try. */
export interface ResolvedGpuOptions {
  readonly gpuDevice: number | string | undefined;
  readonly candidates: readonly GpuCandidate[];
}

/** Resolves the GPU options of a monitor. @throws {INVALID_OPTION} */
export function resolveGpuOptions(options: GpuOptions): ResolvedGpuOptions {
  const resolved = resolveOptions(GPU_OPTIONS, options);
  return { gpuDevice: resolved.gpuDevice, candidates: chooseBackends(resolved) };
}

/** A device index of at least `least`, or a UUID. */
export function gpuDevice(least: -1 | 0): Option<number | string> {
  const wanted = `a whole number from ${least} to ${MOST_DEVICES - 1}, or a UUID (GPU-…, MIG-…, 0x…)`;
  return custom(wanted, (value) => {
    if (typeof value === "string") return UUID.test(value);
    return typeof value === "number" && Number.isInteger(value) && value >= least && value < MOST_DEVICES;
  });
}

function readCommand(name: string, given: string | readonly string[]): readonly [string, ...string[]] {
  const words: readonly unknown[] = Array.isArray(given) ? given : [given];
  const isList = words.length > 0 && words.every((word) => typeof word === "string" && !word.includes("\0"));
  const wanted = "a program, or a list of a program and arguments";
  checkOption(isList && words[0] !== "", name, { wanted, value: given });
  return words as readonly string[] as readonly [string, ...string[]];
}

function isBackend(value: unknown): boolean {
  if (!isRecord(value) || typeof value["read"] !== "function") return false;
  const { name, definitions } = value;
  if (typeof name !== "string" || name === "" || !isRecord(definitions)) return false;
  return typeof definitions["device"] === "string" && typeof definitions["process"] === "string";
}
