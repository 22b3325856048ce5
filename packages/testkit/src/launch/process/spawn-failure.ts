import { existsSync, readFileSync, statSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { SpawnFailedError } from "../../errors/index.js";
import { formatCommand } from "../format-command.js";
import type { SpawnPlan } from "./spawn-plan.js";

interface Explanation {
  readonly message: string;
  readonly hint?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

const HIGHEST_PARENT = 6;
/** The build tool of a program, by the file at the root of its source. */
const BUILD_COMMANDS: readonly (readonly [manifest: string, command: string])[] = [
  ["Cargo.toml", "cargo build --release"],
  ["package.json", "npm run build"],
  ["CMakeLists.txt", "cmake -B build && cmake --build build"],
  ["go.mod", "go build ./..."],
  ["pyproject.toml", "pip install -e ."],
  ["Makefile", "make"],
];

/**
 * Explains why a program could not be started. The operating system reports ENOENT for four different mistakes.
 */
export function createSpawnFailedError(plan: SpawnPlan, cause: NodeJS.ErrnoException): SpawnFailedError {
  const { message, hint, details } = explain(plan, cause);
  return new SpawnFailedError({
    message,
    hint,
    details: { command: formatCommand(plan), cwd: plan.cwd, error: cause.code, ...details },
    cause,
  });
}

/**
 * A launch relies on process groups and orphan cleanup, and Windows has neither.
 *
 * @throws {SPAWN_FAILED} on Windows.
 */
export function validatePlatform(platform: NodeJS.Platform = process.platform): void {
  if (platform !== "win32") return;
  throw new SpawnFailedError({
    message: "Workers cannot be launched on Windows: it has no process groups, so nothing could be cleaned up reliably",
    hint: "Run the tests in WSL, or attach to a worker that is already running.",
  });
}

function explain(plan: SpawnPlan, cause: NodeJS.ErrnoException): Explanation {
  const cwdProblem = explainCwd(plan.cwd);
  if (cwdProblem !== undefined) return cwdProblem;
  if (cause.code !== "ENOENT" && cause.code !== "EACCES") return { message: `The start failed: ${cause.message}` };
  return plan.command.includes("/") ? explainPath(resolve(plan.cwd, plan.command)) : explainName(plan);
}

function explainCwd(cwd: string): Explanation | undefined {
  const isFolder = statSync(cwd, { throwIfNoEntry: false })?.isDirectory();
  if (isFolder === true) return undefined;
  const problem = isFolder === false ? "is not a folder" : "does not exist";
  return { message: `The working directory ${problem}: ${cwd}`, hint: "Create it, or correct `cwd`." };
}

function explainName({ command, env }: SpawnPlan): Explanation {
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const found = folders.map((folder) => join(folder, command)).find((path) => existsSync(path));
  if (found !== undefined) return explainPath(found);
  return {
    message: `The program "${command}" was not found in PATH`,
    hint: "Install or build it, extend PATH in `env`, or set its path as `command`.",
    details: { lookedIn: folders },
  };
}

function explainPath(path: string): Explanation {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return { message: `The program does not exist: ${path}`, ...findBuildHint(path) };
  if (stats.isDirectory()) return { message: `The program is a folder: ${path}` };
  if ((stats.mode & 0o111) === 0) {
    return { message: `The program may not be executed: ${path}`, hint: `Make it executable: chmod +x ${path}` };
  }
  const interpreter = readInterpreter(path);
  return {
    message: `The program exists, but ${interpreter ?? "its loader"} does not: ${path}`,
    hint: "Install the interpreter that its first line names, or build the program for this system (libc, architecture).",
  };
}

function readInterpreter(path: string): string | undefined {
  try {
    const firstLine = readFileSync(path, "latin1").split("\n", 1)[0] ?? "";
    return /^#!\s*(\S+)/.exec(firstLine)?.[1];
  } catch {
    return undefined; // executable but not readable
  }
}

/** Searches upwards from a missing file for the source it is built from. */
function findBuildHint(path: string): { hint: string } {
  let folder = dirname(path);
  for (let level = 0; level < HIGHEST_PARENT; level += 1) {
    const found = BUILD_COMMANDS.find(([manifest]) => existsSync(join(folder, manifest)));
    if (found !== undefined) return { hint: `Build it first: \`${found[1]}\` in ${folder}` };
    folder = dirname(folder);
  }
  return { hint: "Build it first, or correct `command`; a relative path counts from `cwd`." };
}
