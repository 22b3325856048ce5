import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { InvalidOptionError, SpawnFailedError } from "../errors/index.js";

/** The environment variable that selects another worker with the flags of worker-orcd. */
export const WORKER_COMMAND_VARIABLE = "INFERENCE_TESTKIT_COMMAND";

/**
 * Program and leading arguments: the option, then the environment, then the bundled worker.
 *
 * @throws {INVALID_OPTION} the variable does not name a program. @throws {SPAWN_FAILED} the bundled worker is not
 * installed.
 */
export function resolveWorkerCommand(command: string | readonly string[] | undefined): [string, ...string[]] {
  const given = command ?? readEnvironment();
  if (given === undefined) return [process.execPath, findBundledWorker()];
  const [program = "", ...args] = typeof given === "string" ? [given] : given;
  if (program !== "") return [program, ...args];
  throw new InvalidOptionError({ message: `Expected ${WORKER_COMMAND_VARIABLE} to name a program, got an empty list` });
}

/** Path of the bundled worker's program file. */
export function findBundledWorker(): string {
  try {
    const manifest = createRequire(import.meta.url).resolve("worker-orcd/package.json");
    return join(dirname(manifest), "bin", "worker-orcd.cjs");
  } catch (cause) {
    throw new SpawnFailedError({
      message: "the bundled worker `worker-orcd` is not installed",
      hint: `Install it with \`npm install worker-orcd\`, or name your own worker with the option \`command\` or ${WORKER_COMMAND_VARIABLE}.`,
      cause,
    });
  }
}

function readEnvironment(): string | readonly string[] | undefined {
  const value = process.env[WORKER_COMMAND_VARIABLE];
  if (value === undefined || value === "") return undefined;
  if (!value.trimStart().startsWith("[")) return value;
  const words: unknown = parseJson(value);
  if (Array.isArray(words) && words.every((word) => typeof word === "string")) return words;
  const message = `Expected ${WORKER_COMMAND_VARIABLE} to be a program or a JSON array of strings, got \`${value}\``;
  throw new InvalidOptionError({ message });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // reported by the caller, with the value
  }
}
