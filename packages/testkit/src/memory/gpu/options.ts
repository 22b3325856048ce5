import { checkFilledText, checkOption } from "../../errors/index.js";
import type { NvidiaSmi } from "./run-nvidia-smi.js";

/** How the GPU is found. */
export interface GpuOptions {
  /**
   * Number of the GPU among those that the worker can see (`CUDA_VISIBLE_DEVICES` counts), or a UUID of `nvidia-smi -L`, or its
   * beginning. -1 is the CPU: the GPU sources are then unavailable.
   */
  readonly gpuDevice?: number | string | undefined;
  /** Program, or program and leading arguments. @default "nvidia-smi" */
  readonly nvidiaSmi?: string | readonly string[] | undefined;
}

export const GPU_OPTIONS = ["gpuDevice", "nvidiaSmi"] satisfies (keyof GpuOptions)[];

/** A driver that starts up (no persistence mode) takes seconds; one in trouble never answers. */
const SMI_TIMEOUT_MS = 10_000;
/** CUDA knows no more devices. */
const MOST_DEVICES = 128;

/** Checks and resolves the command. @throws {INVALID_OPTION} */
export function resolveNvidiaSmi(command: GpuOptions["nvidiaSmi"], timeoutMs = SMI_TIMEOUT_MS): NvidiaSmi {
  const isList = Array.isArray(command) && command.every((part) => typeof part === "string");
  const holds = (command ?? undefined) === undefined || typeof command === "string" || isList;
  checkOption(holds, "nvidiaSmi", { wanted: "a program, or a list of a program and arguments", value: command });
  const [program = "", ...args] = typeof command === "string" ? [command] : (command ?? ["nvidia-smi"]);
  checkFilledText("nvidiaSmi", program);
  return { command: [program, ...args], timeoutMs };
}

/** @throws {INVALID_OPTION} neither a number of a device nor a UUID. */
export function validateGpuDevice(value: number | string, least: -1 | 0): void {
  const isNumber = typeof value === "number" && Number.isInteger(value) && value >= least && value < MOST_DEVICES;
  const isUuid = typeof value === "string" && /^(GPU|MIG)-[\w/-]+$/.test(value);
  const wanted = `a whole number from ${least} to ${MOST_DEVICES - 1}, or a UUID (GPU-…, MIG-…)`;
  checkOption(isNumber || isUuid, "gpuDevice", { wanted, value });
}
