import { spawn } from "node:child_process";
import { supportFile } from "./foreign.js";
import { waitFor } from "./conditions.js";

/** A separate process that uses the framework: a program in `runners/`. */
export interface Runner {
  readonly exited: Promise<number | null>;
  /** Waits for an output line with this prefix, and returns the rest of it. */
  line(start: string, timeoutMs?: number): Promise<string>;
  /** What it wrote to the standard error output. */
  errors(): string;
  /** Lets it continue. */
  send(line: string): void;
  kill(): void;
}

/** Starts a runner; leaving its scope kills it. */
export function startRunner(
  name: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Runner & AsyncDisposable {
  const child = spawn(process.execPath, [supportFile(`runners/${name}.mjs`), ...args], {
    env: { ...process.env, ...env },
  });
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => (output[stream] += text));
  }
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const kill = (): void => void child.kill("SIGKILL");
  const find = (start: string) => new RegExp(`^${start}(.*)\n`, "m").exec(output.stdout)?.[1]?.trim();
  return {
    exited,
    line: (start, timeoutMs) =>
      waitFor(`line "${start}" of runner ${name}: ${output.stderr}`, () => find(start), timeoutMs),
    errors: () => output.stderr,
    send: (line) => void child.stdin.write(`${line}\n`),
    kill,
    async [Symbol.asyncDispose]() {
      kill();
      await exited;
    },
  };
}
