import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { loadLibrary, locateLibrary } from "./library.js";
import { GPU_BACKENDS, type FoundGpus, type GpuBackend } from "./gpu-choice.js";

const run = promisify(execFile);
const PROBE_TIMEOUT_MS = 60_000;

/** Prints the device names of one back end as JSON; arguments: address of node-llama-cpp, back end. */
const PROBE = `
  const { getLlama } = await import(process.argv[1]);
  const llama = await getLlama({
    gpu: process.argv[2] === "cpu" ? false : process.argv[2],
    build: "never", progressLogs: false, logLevel: "disabled",
  });
  console.log(JSON.stringify(await llama.getGpuDeviceNames()));
  process.exit(0);`;

/**
 * Finds the GPUs of the machine. Checking which back ends are installed takes milliseconds; only if there is one, a
 * short-lived process lists its devices. It must not be this process: a GPU runtime reads the variables that hide
 * devices only once, when it is loaded.
 */
export async function findGpus(): Promise<FoundGpus[]> {
  const { getLlamaGpuTypes } = await loadLibrary();
  const installed = await getLlamaGpuTypes("supported");
  const found: FoundGpus[] = [];
  for (const backend of GPU_BACKENDS.filter((name) => installed.includes(name))) {
    found.push({ backend, deviceNames: await listDeviceNames(backend) });
  }
  return found;
}

/** The devices of one back end; empty if it cannot be loaded. */
export async function listDeviceNames(backend: GpuBackend | "cpu"): Promise<string[]> {
  const module = locateLibrary();
  const args = ["--input-type=module", "-e", PROBE, module, backend];
  try {
    const { stdout } = await run(process.execPath, args, { timeout: PROBE_TIMEOUT_MS });
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "[]") as string[];
  } catch {
    return []; // the back end is installed but does not work here; the caller reports that nothing was found
  }
}
