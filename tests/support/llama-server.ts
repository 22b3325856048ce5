import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { TestModel, type ProgramOptions } from "inference-testkit";
import { servers } from "inference-testkit/servers";

/** Where `scripts/ensure-llama-server.sh` puts it; LLAMA_SERVER names another one. */
const FOLDER = resolve(process.env["INFERENCE_TESTKIT_MODELS"] || "models", "llama-server");
export const PROGRAM = process.env["LLAMA_SERVER"] || join(FOLDER, "llama-server");

/** Why no real llama-server is available; `undefined` if there is one. */
export const missingLlamaServer =
  existsSync(PROGRAM) && TestModel.smolLm2().exists()
    ? undefined
    : "needs models/llama-server and the model SmolLM2: run scripts/ensure-llama-server.sh";

/** The CPU library of the package where it crashes on this processor: the script keeps it beside the one that works. */
export const CRASHING_LIBRARIES = join(FOLDER, "original");

/** A real llama-server with a real model: two slots, one thread. */
export function llamaServer(dialect: NonNullable<ProgramOptions["dialect"]>): ProgramOptions {
  const model = TestModel.smolLm2().path;
  const preset = servers.llamaServer({ model, alias: "smollm2", parallel: 2, contextSize: 2048 });
  return { ...preset, command: PROGRAM, dialect, readyTimeoutMs: 120_000 };
}
