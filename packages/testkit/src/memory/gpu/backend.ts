import type { MemoryGpuInfo } from "../record.js";

/** A figure, or the reason why it is missing, as worded by the tool. Never 0 for "unknown". */
export type GpuCell = { readonly bytes: number } | { readonly missing: string };

/** A compute process on a GPU. */
export interface GpuProcess {
  readonly pid: number;
  readonly used: GpuCell;
}

/** The memory of one GPU at one moment. */
export interface GpuState {
  readonly gpu: MemoryGpuInfo;
  readonly used: GpuCell;
  /** Its compute processes, or why they are unknown. */
  readonly processes: readonly GpuProcess[] | { readonly missing: string };
}

/** Why there is no state. */
export interface GpuMissing {
  readonly missing: string;
  /** There are GPUs, but not the selected one: no other backend is tried. @default false */
  readonly isFinal?: boolean | undefined;
}

/** The state, or why there is none. */
export type GpuAnswer = GpuState | GpuMissing;

/** Which GPU to read. */
export interface GpuTarget {
  /** An index among the GPUs visible to the worker, or a UUID or UUID prefix. */
  readonly device: number | string;
  /** Environment of the worker: variables such as `CUDA_VISIBLE_DEVICES` renumber the GPUs. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What the figures of a backend measure; printed next to them in reports. */
export interface GpuDefinitions {
  /** For the whole GPU: source `gpu-device`. */
  readonly device: string;
  /** For the worker's processes: source `gpu-process`. */
  readonly process: string;
}

/**
 * Reads GPU memory. Pass your own as `gpuBackend` for a GPU that no built-in backend supports.
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
  /**
   * Reads one GPU once, at most once a second. A rejection, or no answer within 30 s, counts as missing.
   */
  read(target: GpuTarget): Promise<GpuAnswer>;
}

/** A tool's output, or why there is none. */
export type ToolAnswer = { readonly text: string; readonly errorText: string } | { readonly failed: string };

/** Runs the tool once with these arguments. Never rejects. */
export type RunTool = (args: readonly string[]) => Promise<ToolAnswer>;

/** A built-in backend: a command-line tool of a vendor. */
export interface GpuTool {
  /** The value of `gpuBackend` that selects it; a vendor's tools are tried in list order. */
  readonly vendor: string;
  /** Its program, unless `gpuCommand` replaces it. */
  readonly program: string;
  /** Completes the message "<program> was not found: ". */
  readonly notFound: string;
  /** The meaning of an exit code without output. */
  readonly exitCodes?: Readonly<Record<number, string>> | undefined;
  /** Whether it is tried on this platform when `gpuBackend` is not given. */
  readonly isUsual: (platform: NodeJS.Platform) => boolean;
  /** The `device` that workers with such a GPU report in /health, before the colon and number. */
  readonly apis: readonly string[];
  readonly definitions: GpuDefinitions;
  /** Creates the backend's `read`; values that do not change during a test may be cached between calls. */
  readonly open: (run: RunTool) => GpuBackend["read"];
}
