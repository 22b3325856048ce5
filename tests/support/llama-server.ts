import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { TestModel, WorkerTestHarness, type ProgramOptions } from "inference-testkit";
import { whyNoModel } from "./engines.js";

/** Where `scripts/ensure-llama-server.sh` puts it. */
const FOLDER = resolve(process.env["INFERENCE_TESTKIT_MODELS"] || "models", "llama-server");
const COMMAND = process.env["LLAMA_SERVER"] || resolve(FOLDER, "llama-server");

/** Why a real llama-server cannot run here; undefined if it can. */
export const noLlamaServer = existsSync(COMMAND)
  ? whyNoModel(TestModel.smolLm2())
  : "llama-server is missing: run scripts/ensure-llama-server.sh";

/** The CPU library of the package where it crashes on this processor: the script keeps it beside the one that works. */
export const CRASHING_LIBRARIES = resolve(FOLDER, "original");

/** A real llama-server on the real model: two slots, one thread. */
export function startLlamaServer(options: Partial<ProgramOptions> = {}): Promise<WorkerTestHarness> {
  return WorkerTestHarness.launch({
    command: COMMAND,
    args: [
      ...["-m", TestModel.smolLm2().path, "--host", "127.0.0.1", "--port", "{port}", "--alias", "smollm2"],
      ...["-np", "2", "-c", "4096", "-t", "1", "--slots", "--metrics", "--props", "--no-webui"],
    ],
    readyTimeoutMs: 120_000,
    ...options,
  });
}
