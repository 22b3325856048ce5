import { spawn, type ChildProcess } from "node:child_process";
import { constants } from "node:os";
import { SpawnFailedError } from "../errors/index.js";
import { findBundledWorker, llamaEngineEnvironment } from "../harness/index.js";

const FORWARDED_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/**
 * Runs the bundled worker in the foreground: it shares our stdin and stdout, signals are forwarded, and its exit code is
 * the result (128 + n if signal n ended it).
 *
 * @throws {SPAWN_FAILED} the bundled worker is not installed, or cannot be started.
 */
export async function runWorker(flags: readonly string[]): Promise<number> {
  // In its own process group: otherwise Ctrl-C would reach it twice, and a second signal ends a worker immediately.
  const env = { ...process.env, ...llamaEngineEnvironment() };
  const child = spawn(process.execPath, [findBundledWorker(), ...flags], { stdio: "inherit", detached: true, env });
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  for (const signal of FORWARDED_SIGNALS) process.on(signal, forward);
  try {
    return await waitForExitCode(child);
  } finally {
    for (const signal of FORWARDED_SIGNALS) process.off(signal, forward);
  }
}

function waitForExitCode(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", (cause) => {
      reject(new SpawnFailedError({ message: `the bundled worker could not be started: ${cause.message}`, cause }));
    });
    child.once("exit", (code, signal) => resolve(signal === null ? (code ?? 0) : 128 + constants.signals[signal]));
  });
}
