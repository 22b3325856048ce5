import { parseStubConfig, type StubConfigInput } from "worker-orcd-control";
import { InvalidOptionError } from "../errors/index.js";
import { serverHeaders } from "../client/index.js";
import { dialectOption, orcd } from "../dialects/index.js";
import { streamTimeouts } from "../events/index.js";
import { requireAvailable, type HostFault } from "../faults/index.js";
import { allowedFindings } from "../findings/index.js";
import { LAUNCH_OPTIONS, PROCESS_OPTIONS } from "../launch/index.js";
import {
  abortSignal,
  checkedBy,
  checkOption,
  custom,
  defineOptions,
  durationMs,
  flag,
  integer,
  listOf,
  number,
  oneOf,
  required,
  text,
  withDefault,
  type Option,
  type OptionsOf,
  type ResolvedOptionsOf,
} from "../options/index.js";

const MOST = Number.MAX_SAFE_INTEGER;

/** Options shared by all ways to get a worker. */
export const HARNESS_OPTIONS = defineOptions({
  /** Time-outs for calls and streams of this worker; a call may override them. */
  timeouts: streamTimeouts(),
  /** Aborts the start. */
  signal: abortSignal(),
  /**
   * Findings that do not fail `stop()`: what this test provokes, by code, such as `["SIGTERM_IGNORED"]`. See docs/findings.md. Faults of this
   * framework, `kill()` and `pause()` need no entry. @default none
   */
  allow: withDefault(allowedFindings(), []),
  /** Sent with every request to the server, such as `{ authorization: "Bearer …" }`; their values are never shown. @default none */
  headers: serverHeaders(),
});

const MODEL = defineOptions({
  /** The model that requests name, where the dialect has one. @default the first one that the server lists */
  model: text({ filled: true }),
});

const DIALECT = defineOptions({
  /**
   * What the server speaks: a name such as `"openai-chat"`, or an object. @default what its answers to a few questions show; for a program that
   * prints the ready line or is given its worker id, this project's own protocol
   */
  dialect: dialectOption(),
});

export const ATTACH_OPTIONS: typeof HARNESS_OPTIONS & typeof DIALECT & typeof MODEL = {
  ...HARNESS_OPTIONS,
  ...DIALECT,
  ...MODEL,
};

/** Options of `attach()`. */
export interface AttachOptions extends OptionsOf<typeof ATTACH_OPTIONS> {}

const HOST_FAULTS = defineOptions({
  /**
   * Operating-system limits to start the worker under, from `hostFault()`; their wrappers precede `wrapper`. Each must be verified
   * in force, or `stop()` fails with FAULT_NEVER_FIRED. @default none
   */
  hostFaults: withDefault(
    checkedBy((name, faults: readonly HostFault[]) => requireAvailable(hostFaults.read(name, faults))),
    [],
  ),
});

// Tables are joined under a type that names them: declaration files drop the comments of properties spread from another file.
const START_OPTIONS: typeof HARNESS_OPTIONS & typeof HOST_FAULTS = { ...HARNESS_OPTIONS, ...HOST_FAULTS };

/** The options of every way to start a process, with every default applied. */
export type ResolvedStartOptions = ResolvedOptionsOf<typeof START_OPTIONS>;

const FLAGS = defineOptions({
  /**
   * Program and leading arguments. @default the bundled worker-orcd, or INFERENCE_TESTKIT_COMMAND (a program, or a JSON array
   * of strings)
   */
  command: program(),
  /** Number of concurrent jobs, 1 to 256. @default 1 */
  parallel: integer([1, MOST]),
  /**
   * Keeps the outputs of the llama engine independent of other slots, at the cost of one context per slot instead of shared batches.
   * The stub's outputs always are. @default false
   */
  batchInvariant: withDefault(flag(), false),
  /** Jobs that may wait for a slot. @default 64 */
  maxQueue: integer([0, MOST]),
  /** Upper limit of `max_tokens`, 1 to 2048. @default 2048 */
  maxTokensOut: integer([1, MOST]),
  /** Context tokens per slot. @default the model's training context length */
  contextSize: integer([1, MOST]),
  /** CPU threads of the engine. @default half the cores */
  threads: integer([1, MOST]),
  /** Time-out of one job in the worker, in ms. @default 300000 */
  inferenceTimeoutMs: number([1, MOST]),
  /** How long running jobs may take to finish when the worker is stopped, in ms. @default 5000 */
  shutdownGraceMs: number([0, MOST]),
  /** The lowest severity that the worker logs. @default "info" */
  logLevel: oneOf(["error", "warn", "info", "debug"]),
  /** Further arguments, passed through unchanged. @default none */
  args: withDefault(listOf(text(), { wanted: "an array of strings" }), []),
});

const SPOKEN = defineOptions({
  /** The dialect in which jobs are sent: a name such as `"openai-chat"`, or an object. @default this project's own protocol */
  dialect: withDefault(dialectOption(), orcd),
});

export const WORKER_OPTIONS: typeof START_OPTIONS &
  typeof PROCESS_OPTIONS &
  typeof FLAGS &
  typeof SPOKEN &
  typeof MODEL = {
  ...START_OPTIONS,
  ...PROCESS_OPTIONS,
  ...FLAGS,
  ...SPOKEN,
  ...MODEL,
};

/** Options of a program that accepts the flags of worker-orcd. */
export interface WorkerOptions extends OptionsOf<typeof WORKER_OPTIONS> {}
/** {@link WorkerOptions} with every default applied. */
export type ResolvedWorkerOptions = ResolvedOptionsOf<typeof WORKER_OPTIONS>;

const STUB_MODE = defineOptions({
  /** Time-out of the start in ms, including repetitions. @default 10000 */
  readyTimeoutMs: withDefault(durationMs(), 10_000),
  /** Behavior of the stub engine: content, timing, faults. @default deterministic words, as fast as possible */
  stub: checkedBy((name, stub: StubConfigInput) => parseStub(name, stub)),
});

export const MOCK_OPTIONS: Omit<typeof WORKER_OPTIONS, keyof typeof STUB_MODE> & typeof STUB_MODE = {
  ...WORKER_OPTIONS,
  ...STUB_MODE,
};

/** Options of `startMock()`. */
export interface MockWorkerOptions extends OptionsOf<typeof MOCK_OPTIONS> {}

const IDENTITY = defineOptions({
  /**
   * Whether the `worker_id` in `/health` must be the id that was passed through `{workerId}` or `workerId`.
   * @default true if the program was given its id and the dialect can report it
   */
  checkIdentity: flag(),
});

type ProgramTable = typeof LAUNCH_OPTIONS & typeof START_OPTIONS & typeof IDENTITY & typeof DIALECT & typeof MODEL;

export const PROGRAM_OPTIONS: ProgramTable = {
  ...LAUNCH_OPTIONS,
  ...START_OPTIONS,
  ...IDENTITY,
  ...DIALECT,
  ...MODEL,
};

/** Options of `launch()`: any program. */
export interface ProgramOptions extends OptionsOf<typeof PROGRAM_OPTIONS> {}

export const RESTART_OPTIONS = defineOptions({
  /** Time-out of the start, in ms. @default that of the first start */
  readyTimeoutMs: durationMs(),
  /** Aborts the start. */
  signal: abortSignal(),
});

/** Options of `restart()`. */
export interface RestartOptions extends OptionsOf<typeof RESTART_OPTIONS> {}

export const PAUSE_OPTIONS = defineOptions({
  /** Resume after this time, in ms. @default never; see `resume()` */
  forMs: durationMs(),
});

/** Options of `pause()`. */
export interface PauseOptions extends OptionsOf<typeof PAUSE_OPTIONS> {}

export const EXIT_WAIT_OPTIONS = defineOptions({
  /** Longest wait, in ms. @default 10000 */
  timeoutMs: withDefault(durationMs(), 10_000),
});

/** Options of `waitForExit()`. */
export interface ExitWaitOptions extends OptionsOf<typeof EXIT_WAIT_OPTIONS> {}

/** The path of a GGUF file. */
export function modelPath(): Option<string> {
  return custom("the path of a GGUF file", (value) => typeof value === "string" && /^[^\0]+$/.test(value));
}

/** The number of a GPU. */
export function gpuDevice(): Option<number> {
  return custom("a GPU number, or -1 for the CPU", (value) => Number.isInteger(value) && Number(value) >= -1);
}

/** The two arguments of `start()`. */
export const MODEL_OPTIONS = defineOptions({ modelPath: required(modelPath()), gpuDevice: required(gpuDevice()) });

const hostFault = custom<HostFault>("a result of hostFault()", (value) => {
  const status = (value as Partial<HostFault> | null)?.status;
  return status === "available" || status === "missing";
});
const hostFaults = listOf(hostFault, { wanted: "an array of hostFault(…)" });

function program(): Option<string | readonly string[]> {
  return {
    read: (name, value) => {
      const words =
        typeof value === "string"
          ? [value]
          : listOf(text(), { wanted: "a program or an array of strings" }).read(name, value);
      checkOption(words[0] !== undefined && words[0] !== "", name, { wanted: "the name of a program", value });
      return words;
    },
  };
}

function parseStub(name: string, stub: StubConfigInput) {
  try {
    const { faults, mutants } = parseStubConfig(stub);
    return { given: stub, faults, mutants };
  } catch (cause) {
    throw new InvalidOptionError({ message: `In \`${name}\`: ${(cause as Error).message}` });
  }
}
