import type { MemoryGpuInfo } from "../record.js";

/** A figure, or the reason why it is missing, in the words of the tool. Never 0 for "unknown". */
export type GpuCell = { readonly bytes: number } | { readonly missing: string };

/** A process that computes on a GPU. */
export interface GpuProcess {
  readonly pid: number;
  readonly used: GpuCell;
}

/** The memory of one GPU at one moment. */
export interface GpuState {
  readonly gpu: MemoryGpuInfo;
  readonly used: GpuCell;
  /** Processes that compute on it, or why they are unknown. */
  readonly processes: readonly GpuProcess[] | { readonly missing: string };
}

/** Why there is no state. */
export interface GpuMissing {
  readonly missing: string;
  /** There are GPUs, but not the wanted one: no other backend is tried. @default false */
  readonly isFinal?: boolean | undefined;
}

/** The state, or why there is none. */
export type GpuAnswer = GpuState | GpuMissing;

/** Which GPU to read. */
export interface GpuTarget {
  /** A number among the GPUs that the worker can see, or a UUID or its beginning. */
  readonly device: number | string;
  /** Environment of the worker: variables such as `CUDA_VISIBLE_DEVICES` renumber the GPUs. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What the figures of a backend count; reports print it next to them. */
export interface GpuDefinitions {
  /** Of the whole GPU: source `gpu-device`. */
  readonly device: string;
  /** Of the worker's processes: source `gpu-process`. */
  readonly process: string;
}

/**
 * Reads the memory of GPUs. Pass your own as `gpuBackend` for a GPU that no built-in backend reads.
 *
 * @example
 * const gpuBackend: GpuBackend = {
 *   name: "my-gpu",
 *   definitions: { device: "memory in use on the whole GPU (my-gpu)", process: "not available" },
 *   read: async () => ({
 *     gpu: { index: 0, uuid: "GPU-1", name: "My GPU", totalBytes: undefined },
 *     used: { bytes: await readMyGpu() },
 *     processes: { missing: "my-gpu does not list processes" },
 *   }),
 * };
 */
export interface GpuBackend {
  /** Its name in messages: "amd-smi does not list …". */
  readonly name: string;
  readonly definitions: GpuDefinitions;
  /** Reads one GPU once, at most once a second. A rejection or no answer within 30 s counts as missing. */
  read(target: GpuTarget): Promise<GpuAnswer>;
}

/** What a tool printed, or why it did not. */
export type ToolAnswer = { readonly text: string; readonly errorText: string } | { readonly failed: string };

/** Runs the tool once with these arguments. Never rejects. */
export type RunTool = (args: readonly string[]) => Promise<ToolAnswer>;

/** A built-in backend: a command-line tool of a vendor. */
export interface GpuTool {
  /** The value of `gpuBackend` that selects it; tools of one vendor are tried in the order of the list. */
  readonly vendor: string;
  /** Its program, unless `gpuCommand` replaces it. */
  readonly program: string;
  /** Continues "<program> was not found: ". */
  readonly notFound: string;
  /** What an exit code means if the program prints nothing. */
  readonly exitCodes?: Readonly<Record<number, string>> | undefined;
  /** Whether it is tried on this platform when `gpuBackend` is not given. */
  readonly isUsual: (platform: NodeJS.Platform) => boolean;
  /** What workers with such a GPU call their `device` in /health, before a colon and the number. */
  readonly apis: readonly string[];
  readonly definitions: GpuDefinitions;
  /** Makes `read` of the backend; what does not change during a test may be kept between calls. */
  readonly open: (run: RunTool) => GpuBackend["read"];
}
