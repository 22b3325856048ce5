import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { InvalidOptionError, ModelError } from "../../errors/index.js";
import { findBundledWorker, LLAMA_PACKAGE, llamaEngineFolder } from "../../harness/index.js";
import { tryLockFile } from "../../launch/index.js";
import { formatBytes } from "../../numbers/index.js";
import { makeFolder } from "../../system/index.js";
import { createOutput, printJson } from "../../terminal/index.js";
import type { CommonFlags } from "../common-flags.js";
import { EXIT_CODES } from "../exit-codes.js";
import { choosePlatformPackages, ENGINE_BACKENDS, type EngineBackend } from "./platform-packages.js";

/** CUDA's libraries are 600 MB. */
const NPM_TIMEOUT_MS = 30 * 60_000;
/**
 * `--omit=optional` leaves out the libraries of all other back ends, and the scripts would build llama.cpp from source on a machine
 * without prebuilt ones.
 */
const NPM_FLAGS = ["--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--save-exact"];

/**
 * Installs llama.cpp for the bundled worker with npm, into a folder that all projects of the user share. It is put in place by a rename, so a
 * test finds all of it or nothing.
 *
 * @throws {INVALID_OPTION} there is no such back end for this machine. @throws {DOWNLOAD_FAILED} npm is missing or failed, or another process
 * is installing.
 */
export async function runEngineInstall({ json = false }: CommonFlags, word: string | undefined): Promise<number> {
  const wanted = readBackend(word);
  const folder = llamaEngineFolder();
  await makeFolder(dirname(folder));
  const lock = tryLockFile(`${folder}.lock`);
  if (lock === undefined) throw failed(`another process is installing into ${folder} (${folder}.lock)`);
  const fresh = `${folder}.new`;
  try {
    await rm(fresh, { recursive: true, force: true }); // of an installation that was interrupted
    await makeFolder(fresh);
    const installed = await install(fresh, wanted);
    await rm(folder, { recursive: true, force: true });
    await rename(fresh, folder);
    const report = { ok: true, ...installed, folder, sizeBytes: await measure(folder) };
    if (json) printJson(report);
    else print(report);
    return EXIT_CODES.ok;
  } finally {
    await rm(fresh, { recursive: true, force: true });
    lock.release();
  }
}

interface Installed {
  readonly backend: EngineBackend;
  readonly version: string;
}

function readBackend(word: string | undefined): EngineBackend | undefined {
  const known = ENGINE_BACKENDS.find((backend) => backend === word);
  if (word === undefined || known !== undefined) return known;
  const message = `Expected the back end to be one of ${ENGINE_BACKENDS.join(", ")}, got \`${word}\``;
  throw new InvalidOptionError({ message });
}

/** The back end's own packages have the version that node-llama-cpp asks for. */
async function install(folder: string, wanted: EngineBackend | undefined): Promise<Installed> {
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true }));
  await npmInstall(folder, [`${LLAMA_PACKAGE}@${findWantedVersion()}`]);
  const manifest = readManifest(join(folder, "node_modules", LLAMA_PACKAGE, "package.json"));
  const chosen = choosePlatformPackages(manifest.optionalDependencies ?? {}, wanted, process);
  await npmInstall(folder, chosen.packages);
  return { backend: chosen.backend, version: manifest.version };
}

interface Manifest {
  readonly version: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const readManifest = (path: string): Manifest => JSON.parse(readFileSync(path, "utf8")) as Manifest;

/** The range that the installed worker was tested with. */
function findWantedVersion(): string {
  const path = createRequire(findBundledWorker()).resolve("worker-orcd/package.json");
  return readManifest(path).peerDependencies?.[LLAMA_PACKAGE] ?? "latest";
}

async function npmInstall(folder: string, packages: readonly string[]): Promise<void> {
  const args = ["install", ...NPM_FLAGS, ...packages];
  createOutput(process.stderr).line(`npm ${args.join(" ")}`);
  const child = spawn("npm", args, { cwd: folder, stdio: ["ignore", 2, 2], timeout: NPM_TIMEOUT_MS });
  const [code, signal] = (await once(child, "close").catch((cause: unknown) => {
    throw failed(`npm could not be started: ${(cause as Error).message}`, cause);
  })) as [number | null, NodeJS.Signals | null];
  if (code !== 0)
    throw failed(`npm ended with ${code === null ? String(signal) : `code ${code}`}; its own messages are above`);
}

function failed(reason: string, cause?: unknown): ModelError {
  const hint = `Run it again, or install the engine into your project: \`npm install --save-dev ${LLAMA_PACKAGE}\`.`;
  return new ModelError("DOWNLOAD_FAILED", { message: `The llama engine was not installed: ${reason}`, hint, cause });
}

async function measure(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function print({ backend, version, folder, sizeBytes }: Installed & { folder: string; sizeBytes: number }): void {
  const output = createOutput(process.stdout);
  output.line(
    output.style("green", "✓"),
    ` llama engine (${backend}), ${LLAMA_PACKAGE} ${version}, ${formatBytes(sizeBytes)}`,
  );
  output.line(`  ${folder}`);
}
