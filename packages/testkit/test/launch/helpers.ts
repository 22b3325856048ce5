import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import {
  launchWorker,
  resolveLaunchOptions,
  type LaunchContext,
  type LaunchedWorker,
  type LaunchOptions,
} from "../../src/launch/index.js";

/** Path of a program in `test/workers`. */
export function workerPath(name: string): string {
  return fileURLToPath(new URL(`../workers/${name}.mjs`, import.meta.url));
}

/** Options that start a program of `test/workers` with Node. */
export function workerOptions(
  [name, ...args]: readonly [string, ...string[]],
  options: Partial<LaunchOptions> = {},
): LaunchOptions {
  return { command: process.execPath, args: [workerPath(name), ...args], ...options };
}

/** Launches a program; whatever the test does, it is stopped in the end. */
export async function launch(options: LaunchOptions, context?: LaunchContext): Promise<LaunchedWorker> {
  const worker = await launchWorker(resolveLaunchOptions(options), context);
  onTestFinished(async () => {
    await worker.stop();
  });
  return worker;
}

/** The error that a promise rejects with. */
export async function errorOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error("Expected a rejection, but the promise was fulfilled");
}

/** A port on which nobody listens. */
export async function findQuietPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Says whether a process runs; a zombie does not. */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return !["Z", "X"].includes(stat.slice(stat.lastIndexOf(")") + 2)[0]!);
  } catch {
    return false;
  }
}

/** Waits until a condition holds; the limit is generous, because the machine may be busy. */
export async function waitUntil(condition: () => boolean, timeoutMs = 10_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Not true within ${timeoutMs} ms: ${String(condition)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A program of `test/launch/runners`: a process that uses the framework. */
export interface Runner {
  readonly pid: number;
  /** Waits for a line that begins so and gives back what follows. */
  nextLine(start: string): Promise<string>;
  readonly exited: Promise<number | null>;
  write(line: string): void;
  endInput(): void;
  kill(): void;
}

/** Starts a runner; it is killed when the test is over. */
export function startRunner(name: string, args: readonly string[], env: Record<string, string> = {}): Runner {
  const path = fileURLToPath(new URL(`runners/${name}.mjs`, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const kill = (): void => void child.kill("SIGKILL");
  onTestFinished(async () => {
    kill();
    await exited;
  });
  const find = (start: string): string | undefined => new RegExp(`^${start}(.*)\n`, "m").exec(output)?.[1];
  const nextLine = async (start: string): Promise<string> => {
    await waitUntil(() => find(start) !== undefined, 20_000);
    return find(start)!.trim();
  };
  return {
    pid: child.pid!,
    nextLine,
    exited,
    write: (line) => void child.stdin.write(`${line}\n`),
    endInput: () => child.stdin.end(),
    kill,
  };
}

/** Takes out of a message what differs from run to run. */
export function normalise(message: string, replacements: Readonly<Record<string, string>> = {}): string {
  let text = message;
  for (const [from, to] of Object.entries(replacements)) text = text.replaceAll(from, to);
  return text
    .replaceAll(fileURLToPath(new URL("../workers", import.meta.url)), "<workers>")
    .replaceAll(process.execPath, "<node>")
    .replaceAll(process.cwd(), "<cwd>")
    .replaceAll(/"?pid"?: ?\d+/g, "pid: <pid>")
    .replaceAll(/waitedMs: \d+/g, "waitedMs: <ms>")
    .replaceAll(/after \d+ ms/g, "after <ms> ms")
    .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:<port>");
}
