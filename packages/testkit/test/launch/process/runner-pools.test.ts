import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const SLOW_MS = 120_000;

interface Kill {
  readonly exit: string | number | null;
  /** After the end of the main process; null if a worker was still alive 10 s later. */
  readonly goneAfterMs: number | null;
}

/** Ends the main process of a test runner, and only that, while two of its pool's processes or threads hold workers. */
async function killRunner(pool: string, mode: string, signal: string): Promise<Kill> {
  const program = fileURLToPath(new URL("../runners/kills-a-runner.mjs", import.meta.url));
  const child = spawn(process.execPath, [program, pool, mode, signal, "1"], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill());
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  await once(child, "close");
  return JSON.parse(output) as Kill;
}

const POOLS = ["vitest-forks", "vitest-vmForks", "vitest-threads", "jest-workers", "node-test", "playwright-workers"];

test.each(POOLS)(
  "kill -9 of the main process only, with tests that never yield: no worker is left in %s",
  { timeout: SLOW_MS },
  async (pool) => {
    const { exit, goneAfterMs } = await killRunner(pool, "busy", "SIGKILL");
    expect(exit).toBe("SIGKILL");
    expect(goneAfterMs).not.toBeNull();
  },
);

test.each(["SIGTERM", "SIGINT"])(
  "%s to the main process only: no worker is left in vitest-forks",
  { timeout: SLOW_MS },
  async (signal) => {
    const { exit, goneAfterMs } = await killRunner("vitest-forks", "idle", signal);
    expect(exit).not.toBeNull();
    expect(goneAfterMs).not.toBeNull();
  },
);
