import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { TestModel, WorkerTestHarness, type ProgramOptions } from "inference-testkit";
import { servers } from "inference-testkit/servers";
import { whyNoModel } from "./engines.js";

/** Where `scripts/ensure-llama-server.sh` puts it; LLAMA_SERVER names another one. */
const FOLDER = resolve(process.env["INFERENCE_TESTKIT_MODELS"] || "models", "llama-server");
export const COMMAND = process.env["LLAMA_SERVER"] || resolve(FOLDER, "llama-server");

/** Why a real llama-server cannot run here; undefined if it can. */
export const noLlamaServer = existsSync(COMMAND)
  ? whyNoModel(TestModel.smolLm2())
  : "llama-server is missing: run scripts/ensure-llama-server.sh";

/** The CPU library of the package where it crashes on this processor: the script keeps it beside the one that works. */
export const CRASHING_LIBRARIES = resolve(FOLDER, "original");

/** A real llama-server on the real model: two slots, one thread. */
export function startLlamaServer(options: Partial<ProgramOptions> = {}): Promise<WorkerTestHarness> {
  const model = TestModel.smolLm2().path;
  const preset = servers.llamaServer({ model, alias: "smollm2", parallel: 2, contextSize: 2048 });
  return WorkerTestHarness.launch({ ...preset, command: COMMAND, readyTimeoutMs: 120_000, ...options });
}
