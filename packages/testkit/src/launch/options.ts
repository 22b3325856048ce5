import {
  custom,
  defineOptions,
  durationMs,
  flag,
  integer,
  listOf,
  recordOf,
  required,
  signalName,
  text,
  withDefault,
  type Option,
  type OptionsOf,
  type ResolvedOptionsOf,
} from "../options/index.js";
import { readyCondition, type ResolvedReadyCondition } from "./ready-condition.js";

const strings = listOf(text(), { wanted: "an array of strings" });

/** Options of every started program. */
export const PROCESS_OPTIONS = defineOptions({
  /** Added to the environment of this process; `undefined` removes a variable. */
  env: withDefault(environment(), {}),
  /** The folder in which the program runs. @default the current folder */
  cwd: withDefault(text({ filled: true }), "."),
  /**
   * A program and arguments to put in front of the command, such as `["taskset", "-c", "0"]`, `numactl`, `nsys profile` or
   * `prlimit`. It must replace itself with the command (`exec`), as these do: the started process is the worker, which gets the
   * signals and whose exit counts. @default none
   */
  wrapper: withDefault(wrapper(), []),
  /** The identity that the worker's `/health` must report. @default a random one */
  workerId: text({ filled: true }),
  /** Address the program listens on. @default "127.0.0.1" */
  host: withDefault(text({ filled: true }), "127.0.0.1"),
  /**
   * The port the program listens on, 1 to 65535. If it is left out, `{port}` is a reserved free port, and the start is repeated with
   * another port, at most 5 times, if the program ends because that port is taken.
   */
  port: integer([1, 65_535]),
  /** Time-out of the start in ms, including repetitions. @default 30000 */
  readyTimeoutMs: withDefault(durationMs(), 30_000),
  /** Time between the shutdown signal and SIGKILL, in ms; 0 kills at once. @default 5000 */
  stopGraceMs: withDefault(durationMs({ orZero: true }), 5_000),
  /**
   * Exit codes that are normal after the shutdown signal, besides 0 and 128 + the signal number (143 for SIGTERM). For servers that
   * report their own shutdown as a failure. A worker that exits with one of them before the signal has still failed.
   * @default []
   */
  shutdownExitCodes: withDefault(listOf(integer([0, 255]), { wanted: "an array of exit codes" }), []),
  /** Number of log lines to keep, 1 to 1,000,000. @default 2000 */
  logLines: withDefault(integer([1, 1_000_000]), 2_000),
  /** Name in echoed log lines. @default the file name of the command; "worker-orcd" for `start()` and `startMock()` */
  name: text({ filled: true }),
});

/** Options of a program of any kind. */
export const LAUNCH_OPTIONS = defineOptions({
  /** A program in PATH, or a path, relative to `cwd`. No shell is involved. */
  command: required(text({ filled: true })),
  /** Its arguments. @default none */
  args: withDefault(strings, []),
  ...PROCESS_OPTIONS,
  /**
   * Whether a polled port (`ready` is `http` or `port`) must belong to the worker's own processes. A warning is printed where that
   * cannot be verified. Set it to false for a program whose port is served by another process, such as a container's proxy.
   * @default true
   */
  checkPortOwner: withDefault(flag(), true),
  /** When the program counts as ready. @default { kind: "line" } */
  ready: withDefault(readyCondition(), { kind: "line" }),
  /** Asks the worker to shut down; sent to its whole process group. @default "SIGTERM" */
  shutdownSignal: withDefault(signalName(), "SIGTERM"),
});

/**
 * How to start a program that serves inference. In `args` and in the values of `env`, `{port}`, `{workerId}` and `{host}`
 * are replaced.
 *
 * @example { command: "llama-server", args: ["-m", model, "--port", "{port}"], ready: { kind: "http" } }
 */
export interface LaunchOptions extends OptionsOf<typeof LAUNCH_OPTIONS> {}

/** How the port of a start is chosen. */
export type PortChoice =
  /** Given by the caller. */
  | { readonly kind: "given"; readonly port: number }
  /** A reserved free port for every start. */
  | { readonly kind: "reserved" }
  /** The program chooses a port and reports it in its ready line or log. */
  | { readonly kind: "reported" };

type Checked = ResolvedOptionsOf<typeof LAUNCH_OPTIONS>;

/** {@link LaunchOptions} with every default applied and every value checked; `command` and `args` include the wrapper. */
export interface ResolvedLaunchOptions extends Omit<Checked, "wrapper" | "checkPortOwner" | "port" | "ready"> {
  readonly workerId: string;
  /** Whether the program was given its id and so must report it. */
  readonly checksIdentity: boolean;
  readonly checksPortOwner: boolean;
  readonly port: PortChoice;
  readonly ready: ResolvedReadyCondition;
  readonly name: string;
}

function wrapper(): Option<readonly string[]> {
  return {
    read: (name, value) => {
      const words = strings.read(name, value);
      if (words.length > 0) text({ filled: true }).read(`${name}[0]`, words[0]);
      return words;
    },
  };
}

function environment(): Option<Readonly<Record<string, string | undefined>>> {
  const variables = recordOf(text());
  const names = custom<string>("free of names with `=` or NUL", (name) => name !== "" && !/[=\0]/.test(String(name)));
  return {
    read: (name, value) => {
      const env = variables.read(name, value);
      for (const variable of Object.keys(env)) names.read(name, variable);
      return env;
    },
  };
}
