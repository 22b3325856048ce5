import { stringifyJson } from "inference-worker-protocol";
import { parseStubConfig, type ResolvedFault, type StubConfigInput } from "worker-orcd-control";
import type { StreamTimeouts } from "../events/index.js";
import type { Dialect } from "../dialects/index.js";
import type { HostFault } from "../faults/index.js";
import type { LaunchOptions } from "../launch/index.js";
import { InvalidOptionError } from "../errors/index.js";

/** What every way to start a worker has in common. */
export interface HarnessOptions {
  /** Time-outs and size limits for calls and streams of this worker; a call may override them. */
  readonly timeouts?: StreamTimeouts | undefined;
  /** Aborts the start. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of every way to start a process. */
export interface StartOptions extends HarnessOptions {
  /**
   * Limits of the operating system that the worker is started under, from `hostFault()`; their wrappers come before `wrapper`.
   * Each must be seen in force, else `stop()` fails with FAULT_NEVER_FIRED. @default none
   */
  readonly hostFaults?: readonly HostFault[] | undefined;
}

/** Options of a program that takes the flags of worker-orcd. */
export interface WorkerOptions
  extends
    StartOptions,
    Pick<
      LaunchOptions,
      | "env"
      | "cwd"
      | "wrapper"
      | "workerId"
      | "host"
      | "port"
      | "readyTimeoutMs"
      | "stopGraceMs"
      | "shutdownExitCodes"
      | "logLines"
      | "name"
    > {
  /**
   * Program and leading arguments. @default the bundled worker-orcd, or INFERENCE_TESTKIT_COMMAND (a program, or a JSON array
   * of strings)
   */
  readonly command?: string | readonly string[] | undefined;
  /** Jobs that run at the same time, 1..256. @default 1 */
  readonly parallel?: number | undefined;
  /**
   * Whether outputs of the llama engine must not depend on what other slots do, at the price of a context for each slot
   * instead of common batches. The stub's outputs never do. @default false
   */
  readonly batchInvariant?: boolean | undefined;
  /** Jobs that may wait for a slot. @default 64 */
  readonly maxQueue?: number | undefined;
  /** Upper limit of `max_tokens`, 1..2048. @default 2048 */
  readonly maxTokensOut?: number | undefined;
  /** Tokens of context for each slot. @default what the model was trained with */
  readonly contextSize?: number | undefined;
  /** CPU threads of the engine. @default half the cores */
  readonly threads?: number | undefined;
  /** Time-out of one job in the worker, in ms. @default 300000 */
  readonly inferenceTimeoutMs?: number | undefined;
  /** How long the worker lets running jobs finish when it is stopped, in ms. @default 5000 */
  readonly shutdownGraceMs?: number | undefined;
  /** @default "info" */
  readonly logLevel?: "error" | "warn" | "info" | "debug" | undefined;
  /** Further arguments, as they are. */
  readonly args?: readonly string[] | undefined;
}

/** Options of `startMock()`. */
export interface MockWorkerOptions extends WorkerOptions {
  /** What the stub engine does: content, timing, faults. @default deterministic words, as fast as they go */
  readonly stub?: StubConfigInput | undefined;
}

/** Options of `attach()`. */
export interface AttachOptions extends HarnessOptions {
  /** What the worker speaks. @default this project's own protocol */
  readonly dialect?: Dialect | undefined;
}

/** Options of `launch()`: any program. */
export interface ProgramOptions extends LaunchOptions, StartOptions {
  /** What the program speaks. @default this project's own protocol */
  readonly dialect?: Dialect | undefined;
  /**
   * Whether the worker must report the id that was given through `{workerId}` or `workerId`: `worker_id` in the answer of `/health`.
   * @default true if the program was told its id and the dialect can report it
   */
  readonly checkIdentity?: boolean | undefined;
}

/** How the stub is started. */
export interface StubStart {
  readonly args: string[];
  readonly faults: readonly ResolvedFault[];
}

/** The flags of worker-orcd for a model. */
export function modelArguments(modelPath: string, gpuDevice: number): string[] {
  if (typeof modelPath !== "string" || modelPath === "") {
    throw new InvalidOptionError({
      message: `Expected \`modelPath\` to be the path of a GGUF file, got \`${modelPath}\``,
    });
  }
  if (!Number.isInteger(gpuDevice) || gpuDevice < -1) {
    const message = `Expected \`gpuDevice\` to be a GPU number, or -1 for the CPU, got \`${gpuDevice}\``;
    throw new InvalidOptionError({ message });
  }
  return ["--model", modelPath, "--gpu-device", String(gpuDevice)];
}

/** The flags of worker-orcd for stub mode, and the faults among what the stub does. */
export function stubArguments(stub: StubConfigInput | undefined): StubStart {
  if (stub === undefined) return { args: ["--stub-mode"], faults: [] };
  try {
    const { faults } = parseStubConfig(stub);
    return { args: ["--stub-mode", "--stub-config", stringifyJson(stub)], faults };
  } catch (cause) {
    throw new InvalidOptionError({ message: `In \`stub\`: ${(cause as Error).message}` });
  }
}

/** Every option that is a flag of worker-orcd. */
export function workerArguments(options: WorkerOptions): string[] {
  const seconds = (ms: number | undefined) => (ms === undefined ? undefined : ms / 1000);
  const flags = {
    "--port": options.port ?? 0,
    "--host": options.host,
    "--worker-id": "{workerId}",
    "--parallel": options.parallel,
    "--max-queue": options.maxQueue,
    "--max-tokens-out": options.maxTokensOut,
    "--context-size": options.contextSize,
    "--threads": options.threads,
    "--inference-timeout-sec": seconds(options.inferenceTimeoutMs),
    "--shutdown-grace-sec": seconds(options.shutdownGraceMs),
    "--log-level": options.logLevel,
  };
  const given = Object.entries(flags).filter(([, value]) => value !== undefined);
  const switches = options.batchInvariant === true ? ["--batch-invariant"] : [];
  return [...given.flatMap(([flag, value]) => [flag, String(value)]), ...switches, ...(options.args ?? [])];
}
