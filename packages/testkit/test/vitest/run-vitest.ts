import { spawn, type ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const VITEST = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");

/** A Vitest of its own. */
export interface VitestRun {
  readonly child: ChildProcess;
  /** Everything that it printed so far. */
  readonly output: () => string;
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>;
}

/** Runs the cases of a folder beside this file, or those whose name has one of the `filters`. */
export function runVitest(
  folder: string,
  { env = {}, filters = [] }: { readonly env?: Record<string, string>; readonly filters?: readonly string[] } = {},
): VitestRun {
  const root = join(import.meta.dirname, folder);
  const args = [
    VITEST,
    "run",
    ...filters,
    "--root",
    root,
    "--config",
    join(root, "vitest.config.mjs"),
    "--no-color",
    "--reporter=verbose",
  ];
  const child = spawn(process.execPath, args, { env: { ...process.env, NO_COLOR: "1", ...env }, stdio: "pipe" });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const ended = new Promise<{ code: number | null; output: string }>((resolve) => {
    child.once("close", (code) => resolve({ code, output }));
  });
  return { child, output: () => output, ended };
}
