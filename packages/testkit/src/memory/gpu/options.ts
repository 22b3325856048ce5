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

/** No API numbers more devices. */
const MOST_DEVICES = 128;
const UUID = /^(?:(?:GPU|MIG)-[\w/-]+|0x[\da-f]+|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/i;

const GPU_BACKEND_OPTIONS = defineOptions({
  /**
   * What reads the GPU: a built-in backend, or an object of your own.
   *
   * @default on macOS "apple", elsewhere the first of nvidia-smi, amd-smi and rocm-smi in PATH that lists a GPU
   */
  gpuBackend: custom<GpuBackendName | GpuBackend>(
    `one of ${GPU_BACKEND_NAMES.join(", ")}, or a GpuBackend ({ name, definitions, read })`,
    (value) => GPU_BACKEND_NAMES.some((name) => name === value) || isBackend(value),
  ),
  /**
   * Runs the tool of the backend: a program, or a program and leading arguments, such as `["sudo", "-n", "amd-smi"]`.
   * A command that does not name a tool needs `gpuBackend`. @default the tool, found in PATH
   */
  gpuCommand: checkedBy(readCommand),
});

/** Which GPU, and what reads it. */
export const GPU_OPTIONS = defineOptions({
  /**
   * Number of the GPU among those that the worker can see (`CUDA_VISIBLE_DEVICES`, `HIP_VISIBLE_DEVICES` and
   * `ROCR_VISIBLE_DEVICES` renumber them), or a UUID as the tool prints it, or its beginning. -1 is the CPU: the GPU sources are
   * then unavailable.
   */
  gpuDevice: gpuDevice(-1),
  ...GPU_BACKEND_OPTIONS,
});

/** Which GPU, and what reads it. */
export type GpuOptions = OptionsOf<typeof GPU_OPTIONS>;

/** The same, with the backends to try. */
export interface ResolvedGpuOptions {
  readonly gpuDevice: number | string | undefined;
  readonly candidates: readonly GpuCandidate[];
}

/** The one door for the GPU options of a monitor. @throws {INVALID_OPTION} */
export function resolveGpuOptions(options: GpuOptions): ResolvedGpuOptions {
  const resolved = resolveOptions(GPU_OPTIONS, options);
  return { gpuDevice: resolved.gpuDevice, candidates: chooseBackends(resolved) };
}

/** A number of a device from `least`, or a UUID. */
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
