import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ProgramOptions } from "inference-testkit";

const FOLDER = process.env["INFERENCE_TESTKIT_MODELS"] ?? join(import.meta.dirname, "../../models");
const MODEL = join(FOLDER, "SmolLM2-135M-Instruct.Q4_1.gguf");
const PROGRAM = join(FOLDER, "llama-server/llama-server");

/** Why there is no real llama-server; undefined if there is one. */
export const missingLlamaServer =
  existsSync(MODEL) && existsSync(PROGRAM)
    ? undefined
    : "needs models/llama-server and the model SmolLM2: run scripts/ensure-llama-server.sh";

/** A real llama-server with a real model. */
export function llamaServer(dialect: NonNullable<ProgramOptions["dialect"]>): ProgramOptions {
  const flags = "-np 2 -c 4096 -t 1 --alias smollm2 --slots --metrics --props --host {host} --port {port}";
  return {
    command: PROGRAM,
    args: ["-m", MODEL, ...flags.split(" ")],
    dialect,
    readyTimeoutMs: 60_000,
  };
}
