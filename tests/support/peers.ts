import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Where `scripts/ensure-peers.sh` puts what is not from npm. */
const MODELS = resolve(process.env["INFERENCE_TESTKIT_MODELS"] || "models");
const PEERS = fileURLToPath(new URL("../peers/", import.meta.url));

const PROGRAM_TIMEOUT_MS = 150_000;
const OUTPUT_BYTES = 16 * 1024 * 1024;

/** A program of another project that the tests run, and why it cannot run here. */
export interface Peer {
  readonly command: string;
  readonly args: readonly string[];
  readonly missing: string | undefined;
}

/** A script of `tests/peers` that needs one package of `tests/peers/package.json`. */
export function nodeScript(script: string, packageName: string, args: readonly string[] = []): Peer {
  const needed = `${PEERS}node_modules/${packageName}/package.json`;
  return { command: process.execPath, args: [`${PEERS}${script}`, ...args], missing: whyMissing(needed, packageName) };
}

/** The program of an npm package in `tests/peers/package.json`. */
export function nodeProgram(packageName: string, file: string): Peer {
  const program = `${PEERS}node_modules/${packageName}/${file}`;
  return { command: process.execPath, args: [program], missing: whyMissing(program, packageName) };
}

/** A script of `tests/peers` for one of the Python environments. */
export function pythonScript(script: string, environment: string): Peer {
  const { command, missing } = pythonProgram("python", environment);
  return { command, args: [`${PEERS}${script}`], missing };
}

/** A program of one of the Python environments. */
export function pythonProgram(program: string, environment: string): Peer {
  const command = resolve(MODELS, environment, "bin", program);
  return { command, args: [], missing: whyMissing(command, `models/${environment}`) };
}

/** A program in the ignored folder `models`; the environment variable names another one. */
export function modelsProgram(path: string, variable: string): Peer {
  const command = process.env[variable] || resolve(MODELS, path);
  return { command, args: [], missing: whyMissing(command, `models/${path}`, ` ${path}`) };
}

/** Runs a program of another project until it ends, at most for some minutes. */
export function runProgram(
  { command, args }: Peer,
  further: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly exitCode: number; readonly output: string }> {
  const options = { env: { ...process.env, ...env }, timeout: PROGRAM_TIMEOUT_MS, maxBuffer: OUTPUT_BYTES };
  return new Promise((resolve) => {
    execFile(command, [...args, ...further], options, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ exitCode, output: `${stdout}\n${stderr}` });
    });
  });
}

function whyMissing(file: string, name: string, step = ""): string | undefined {
  return existsSync(file)
    ? undefined
    : `needs ${name}: run scripts/ensure-peers.sh${step}, which reports what it cannot install`;
}
