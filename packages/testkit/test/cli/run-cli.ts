import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished, type TestContext } from "vitest";

const BIN = fileURLToPath(new URL("../../bin/inference-testkit.js", import.meta.url));
const LONGEST_RUN_MS = 60_000;

/** What a finished command left behind for a test to look at. */
export interface CliResult {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that still runs. */
export interface CliRun {
  readonly pid: number;
  readonly finished: Promise<CliResult>;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Closes our end of its standard output. */
  readonly closeStdout: () => void;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly bin?: string;
  /** Runs in the shell from which the program is started, for example `ulimit -f 100`. */
  readonly before?: string;
  /** @default a temporary folder */
  readonly cwd?: string;
  /** When it is killed. @default after a minute */
  readonly timeoutMs?: number;
}

/** Starts the built program; it is killed when the test is over, or after a minute. */
export function startCli(
  args: readonly string[],
  { env = {}, bin = BIN, before, cwd, timeoutMs = LONGEST_RUN_MS }: CliOptions = {},
): CliRun {
  const command = [process.execPath, bin, ...args];
  const [program = "", ...rest] =
    before === undefined ? command : ["bash", "-c", `${before}; exec "$@"`, "-", ...command];
  const child = spawn(program, rest, {
    env: { ...cleanEnvironment(), ...env },
    cwd: cwd ?? createTemporaryFolder(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  const finished = new Promise<CliResult>((resolve) => {
    child.once("close", (exitCode) => {
      clearTimeout(timer);
      resolve({ exitCode, ...output });
    });
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await finished;
  });
  return {
    pid: child.pid!,
    finished,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    kill: (signal) => void child.kill(signal),
    closeStdout: () => child.stdout.destroy(),
  };
}

/** Runs the built program to its end. */
export function runCli(args: readonly string[], options?: CliOptions): Promise<CliResult> {
  return startCli(args, options).finished;
}

/** On a machine that is too busy for the client a run is invalid, as it should be: nothing can be said about the worker. */
export function skipIfClientWasLate(
  context: TestContext,
  { exitCode, stdout }: Pick<CliResult, "exitCode" | "stdout">,
) {
  const late =
    /the client sent its requests [\d.]+ ms late|the client's event loop was [\d.]+ ms late|a client thread used \d+ %/;
  const [reason] = late.exec(stdout) ?? [];
  if (exitCode === 3 && reason !== undefined) context.skip(reason);
}

/** What the machine of the tester happens to have set must not change what a command prints. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(
    ([name]) => !/^(INFERENCE_TESTKIT_(MODELS|CACHE|COMMAND|LOG)$|WORKER_ORCD_|FORCE_COLOR$|NO_COLOR$)/.test(name),
  );
  return Object.fromEntries(entries);
}

/** Waits until a condition holds; the limit is generous, because the machine may be busy. */
export async function waitUntil(condition: () => boolean, timeoutMs = 30_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Not true within ${timeoutMs} ms: ${String(condition)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A temporary folder that is removed when the test is over. */
export function createTemporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "inference-testkit-test-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Says whether a process, or with a negative number a process group, exists. */
export function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
