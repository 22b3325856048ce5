import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

interface Kill {
  readonly exit: string | number | null;
  /** After the end of the main process; null if a worker was still alive 10 s later. */
  readonly goneAfterMs: number | null;
}

/** Ends the main process of a test runner, and only that, while two of its pool's processes or threads hold workers. */
export async function killRunner(pool: string, mode: string, signal: string): Promise<Kill> {
  const program = fileURLToPath(new URL("./kills-a-runner.mjs", import.meta.url));
  const child = spawn(process.execPath, [program, pool, mode, signal, "1"], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill());
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  await once(child, "close");
  return JSON.parse(output) as Kill;
}
