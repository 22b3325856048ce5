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

/** Options of every program that is started. */
export const PROCESS_OPTIONS = defineOptions({
  /** Added to the environment of this process; `undefined` removes a variable. */
  env: withDefault(environment(), {}),
  /** The folder in which the program runs. @default the current folder */
  cwd: withDefault(text({ filled: true }), "."),
  /**
   * A program and its arguments that are put in front of the command, such as `["taskset", "-c", "0"]`, `numactl`, `nsys profile` or
   * `prlimit`. It must replace itself with the command (`exec`), as these do: the process that was started is the worker, which gets
   * the signals and whose end counts. @default none
   */
  wrapper: withDefault(wrapper(), []),
  /** The identity that `/health` of the worker has to report. @default a random one */
  workerId: text({ filled: true }),
  /** Address on which the program listens. @default "127.0.0.1" */
  host: withDefault(text({ filled: true }), "127.0.0.1"),
  /**
   * The port on which the program listens, 1 to 65535. Without it, `{port}` is a reserved free port, and the start is repeated with
   * another one, at most 5 times, if the program ends because that port is taken.
   */
  port: integer([1, 65_535]),
  /** Longest start in ms, repetitions included. @default 30000 */
  readyTimeoutMs: withDefault(durationMs(), 30_000),
  /** Time between the shutdown signal and SIGKILL, in ms; 0 kills at once. @default 5000 */
  stopGraceMs: withDefault(durationMs({ orZero: true }), 5_000),
  /**
   * Exit codes that are a normal end after the shutdown signal, besides 0 and 128 + the number of the signal (143 for SIGTERM). For
   * servers that report their own shutdown as a failure. A worker that exits with one of them before the signal has still failed.
   * @default []
   */
  shutdownExitCodes: withDefault(listOf(integer([0, 255]), { wanted: "an array of exit codes" }), []),
  /** How many log lines are kept, 1 to 1,000,000. @default 2000 */
  logLines: withDefault(integer([1, 1_000_000]), 2_000),
  /** Name in echoed log lines. @default the file name of the command; "worker-orcd" for `start()` and `startMock()` */
  name: text({ filled: true }),
});

/** Options of a program of any kind. */
export const LAUNCH_OPTIONS = defineOptions({
  /** A program in PATH, or a path; a relative path counts from `cwd`. No shell is involved. */
  command: required(text({ filled: true })),
  /** Its arguments. @default none */
  args: withDefault(strings, []),
  ...PROCESS_OPTIONS,
  /**
   * Whether a port that is polled (`ready` is `http` or `port`) has to belong to the worker's own processes. Where that cannot be
   * found out, a warning says so. Set it to false for a program whose port another process serves, such as the proxy of a container.
   * @default true
   */
  checkPortOwner: withDefault(flag(), true),
  /** When the program counts as ready. @default { kind: "line" } */
  ready: withDefault(readyCondition(), { kind: "line" }),
  /** Asks the worker to end; sent to its whole process group. @default "SIGTERM" */
  shutdownSignal: withDefault(signalName(), "SIGTERM"),
});

/**
 * How to start a program that serves inference. In `args` and in the values of `env`, `{port}`, `{workerId}` and `{host}`
 * are replaced.
 *
 * @example { command: "llama-server", args: ["-m", model, "--port", "{port}"], ready: { kind: "http" } }
 */
export interface LaunchOptions extends OptionsOf<typeof LAUNCH_OPTIONS> {}

/** Where the port of a start comes from. */
export type PortChoice =
  /** The caller named it. */
  | { readonly kind: "given"; readonly port: number }
  /** A reserved free port for every start. */
  | { readonly kind: "reserved" }
  /** The program binds a port of its choice and reports it in its ready line or log. */
  | { readonly kind: "reported" };

type Checked = ResolvedOptionsOf<typeof LAUNCH_OPTIONS>;

/** {@link LaunchOptions} with every default applied and every value checked; `command` and `args` include the wrapper. */
export interface ResolvedLaunchOptions extends Omit<Checked, "wrapper" | "checkPortOwner" | "port" | "ready"> {
  readonly workerId: string;
  /** Whether the program was given its id, and so must report that one. */
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
