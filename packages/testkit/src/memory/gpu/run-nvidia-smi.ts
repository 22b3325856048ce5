import { spawn } from "node:child_process";

/** How `nvidia-smi` is called. */
export interface NvidiaSmi {
  /** Program and leading arguments. */
  readonly command: readonly [string, ...string[]];
  readonly timeoutMs: number;
}

/** What it wrote, or why there is nothing. */
export type NvidiaSmiAnswer = { readonly text: string } | { readonly failed: string };

/** The answer to a query is some lines; what is longer is no answer. */
const MOST_CHARACTERS = 1_000_000;
/** NVML's code for "no such object": `nvidia-smi` ends with it when there is no GPU. */
const NO_DEVICES_EXIT_CODE = 6;

/**
 * Runs `nvidia-smi` once. Never rejects: that it is missing, fails, or hangs (a driver in trouble answers never) is an answer.
 * After the time-out it is killed and not waited for, because a process inside the driver may not die either.
 */
export function runNvidiaSmi({ command, timeoutMs }: NvidiaSmi, args: readonly string[]): Promise<NvidiaSmiAnswer> {
  const [program, ...leading] = command;
  return new Promise((resolve) => {
    const child = spawn(program, [...leading, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, LC_ALL: "C" },
    });
    const output = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (text: string) => {
        if (output[stream].length < MOST_CHARACTERS) output[stream] += text;
      });
    }
    const finish = (answer: NvidiaSmiAnswer): void => {
      clearTimeout(timer);
      resolve(answer);
    };
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      child.stdout.destroy();
      child.stderr.destroy();
      child.unref();
      finish({ failed: `${program} did not answer within ${timeoutMs} ms` });
    }, timeoutMs);
    child.once("error", (error: NodeJS.ErrnoException) => finish({ failed: describeSpawnError(program, error) }));
    child.once("close", (code, signal) => finish(readEnd(program, { ...output, end: code ?? signal })));
  });
}

function readEnd(
  program: string,
  { stdout, stderr, end }: { stdout: string; stderr: string; end: number | NodeJS.Signals | null },
): NvidiaSmiAnswer {
  if (end === 0) return { text: stdout };
  const said = `${stdout}\n${stderr}`.split(/\r?\n/).map((line) => line.trim());
  const message =
    said.find((line) => line !== "") ?? (end === NO_DEVICES_EXIT_CODE ? "No devices were found" : "no message");
  return { failed: `${program} failed (${String(end)}): ${message}` };
}

function describeSpawnError(program: string, error: NodeJS.ErrnoException): string {
  if (error.code === "ENOENT") return `${program} was not found: no NVIDIA driver on this machine`;
  return `${program} could not be started: ${error.message}`;
}
