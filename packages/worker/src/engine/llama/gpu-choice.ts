import { WorkerError } from "inference-worker-protocol";

/** The GPU back ends of node-llama-cpp, best first. */
export const GPU_BACKENDS = ["cuda", "metal", "vulkan"] as const;
export type GpuBackend = (typeof GPU_BACKENDS)[number];

/** The devices visible to one back end. */
export interface FoundGpus {
  readonly backend: GpuBackend;
  readonly deviceNames: readonly string[];
}

/** The device that the worker will use. */
export interface GpuChoice {
  readonly backend: GpuBackend;
  readonly deviceName: string;
  /** `cuda:0`, as in `/health`. */
  readonly device: string;
  /** The variable that hides the other devices from the back end; absent if there are none. */
  readonly visibility?: { readonly name: string; readonly value: string };
}

/** llama.cpp spreads a model over all visible devices, and node-llama-cpp has no option to select one. */
const VISIBILITY_VARIABLES: Readonly<Record<GpuBackend, string | undefined>> = {
  cuda: "CUDA_VISIBLE_DEVICES",
  vulkan: "GGML_VK_VISIBLE_DEVICES",
  metal: undefined,
};

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Chooses GPU `index` of the best back end that has one. It never falls back to another GPU or to the CPU.
 * A visibility variable that is already set is respected: `index` counts within it.
 *
 * @throws {WorkerError} DEVICE_NOT_FOUND with the list of available devices.
 */
export function chooseGpu(index: number, found: readonly FoundGpus[], environment: Environment): GpuChoice {
  const gpus = GPU_BACKENDS.flatMap((backend) => found.filter((entry) => entry.backend === backend));
  const best = gpus.find(({ deviceNames }) => deviceNames.length > 0);
  const deviceName = best?.deviceNames[index];
  if (best === undefined || deviceName === undefined) throw deviceNotFound(index, gpus);
  const { backend, deviceNames } = best;
  const choice = { backend, deviceName, device: `${backend}:${index}` };
  if (deviceNames.length === 1) return choice;
  const name = VISIBILITY_VARIABLES[backend];
  if (name === undefined) throw deviceNotFound(index, gpus);
  const visible = environment[name]?.split(",").map((entry) => entry.trim());
  return { ...choice, visibility: { name, value: visible?.[index] ?? String(index) } };
}

/** Creates this error. */
export function deviceNotFound(index: number, found: readonly FoundGpus[]): WorkerError {
  const devices = found.flatMap(({ backend, deviceNames }) =>
    deviceNames.map((name, i) => `${backend}:${i} (${name})`),
  );
  const there =
    devices.length === 0 ? "this machine has no GPU that llama.cpp can use" : `there is ${devices.join(", ")}`;
  const message = `No GPU device ${index}: ${there}; device -1 is the CPU`;
  return new WorkerError("DEVICE_NOT_FOUND", message, { details: { gpuDevice: index, devices } });
}
