/** How it is found out that a worker can serve. Always raced against the end of the process. */
export type ReadyCondition =
  /**
   * The ready line of the worker protocol on stdout. It carries the port that was really bound, so the program can bind
   * port 0 and no other process can come in between.
   */
  | { readonly kind: "line" }
  /** A line on stdout or stderr; a named group `port` in the pattern says on which port the program listens. */
  | { readonly kind: "log"; readonly pattern: RegExp }
  /** The path answers with status 200. @default path "/health" */
  | { readonly kind: "http"; readonly path?: string | undefined }
  /**
   * The port accepts a TCP connection. The weakest condition: many servers, llama-server and vLLM among them, listen while they still
   * load the model, and answer 503, or reset the connection, until they have. Prefer `http` with a path that is 200 only afterwards.
   */
  | { readonly kind: "port" };

/**
 * How to start a program that serves inference. In `args` and in the values of `env`, `{port}`, `{workerId}` and `{host}`
 * are replaced.
 *
 * @example { command: "llama-server", args: ["-m", model, "--port", "{port}"], ready: { kind: "http" } }
 */
export interface LaunchOptions {
  /** A program in PATH, or a path; a relative path counts from `cwd`. No shell is involved. */
  readonly command: string;
  readonly args?: readonly string[] | undefined;
  /**
   * A program and its arguments that are put in front of the command, such as `["taskset", "-c", "0"]`, `numactl`, `nsys profile` or
   * `prlimit`. It must replace itself by the command (`exec`), as these do: the process that was started is the worker, which gets
   * the signals and whose end counts. @default none
   */
  readonly wrapper?: readonly string[] | undefined;
  /** Added to the environment of this process; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** @default the current folder */
  readonly cwd?: string | undefined;
  /** The identity that `/health` of the worker has to report. @default a random one */
  readonly workerId?: string | undefined;
  /** Address where the program listens. @default "127.0.0.1" */
  readonly host?: string | undefined;
  /**
   * The port where the program listens, 1 to 65535. Left out, `{port}` is a reserved free port, and the start is repeated
   * with another one (at most 5 times) if the program ends because that port is taken.
   */
  readonly port?: number | undefined;
  /**
   * Whether a port that is polled (`ready` is `http` or `port`) has to belong to the worker's own processes. Where that cannot be found
   * out, a warning says so. Switch it off for a program whose port another process serves, such as the proxy of a container.
   * @default true
   */
  readonly checkPortOwner?: boolean | undefined;
  /** @default { kind: "line" } */
  readonly ready?: ReadyCondition | undefined;
  /** Longest start in milliseconds, repetitions included. @default 30000 */
  readonly readyTimeoutMs?: number | undefined;
  /** Time between the shutdown signal and SIGKILL, in milliseconds; 0 kills at once. @default 5000 */
  readonly stopGraceMs?: number | undefined;
  /** How many log lines are kept, 1 to 1,000,000. @default 2000 */
  readonly logLines?: number | undefined;
  /** Name in echoed log lines. @default the file name of the command */
  readonly name?: string | undefined;
  /** Asks the worker to end; sent to its whole process group. @default "SIGTERM" */
  readonly shutdownSignal?: NodeJS.Signals | undefined;
  /**
   * Exit codes that are a normal end after the shutdown signal, besides 0 and 128 + the number of the signal (143 for SIGTERM). For
   * servers that report their own shutdown as a failure. A code with which the worker ends unasked is not excused by it.
   * @default []
   */
  readonly shutdownExitCodes?: readonly number[] | undefined;
}

/** Where the port of a start comes from. */
export type PortChoice =
  /** The caller named it. */
  | { readonly kind: "given"; readonly port: number }
  /** A reserved free port for every start. */
  | { readonly kind: "reserved" }
  /** The program binds what it likes and says so in its ready line or log. */
  | { readonly kind: "reported" };

/** {@link LaunchOptions} with every default applied and every value checked. */
export interface ResolvedLaunchOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly workerId: string;
  /** Whether the program was told its id, and so must report that one. */
  readonly checksIdentity: boolean;
  readonly checksPortOwner: boolean;
  readonly host: string;
  readonly port: PortChoice;
  readonly ready: ReadyCondition;
  readonly readyTimeoutMs: number;
  readonly stopGraceMs: number;
  readonly logLines: number;
  readonly name: string;
  readonly shutdownSignal: NodeJS.Signals;
  readonly shutdownExitCodes: readonly number[];
}
