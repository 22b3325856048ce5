import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TestModel, type WorkerTestHarness } from "inference-testkit";
import { servers } from "inference-testkit/servers";
import { afterAll, expect } from "vitest";
import { missingLlamaServer } from "../support/llama-server.js";
import { modelsProgram, runProgram } from "../support/peers.js";
import { describeServer, type DialectCase } from "../support/server-battery.js";
import { createTemporaryFolder } from "../support/temporary-folder.js";

const ollama = modelsProgram("ollama", "OLLAMA");
const folders = await createTemporaryFolder();
afterAll(() => folders[Symbol.asyncDispose]());

const EXPECTED: DialectCase = {
  prompt: "What is the capital of France?",
  longPrompt: "Tell me a long story about a lighthouse keeper.",
  text: "Paris",
  atLimit: "max_tokens",
  stop: { sequence: "Paris", reason: "stop" },
};

/** Makes its one model from the file that the tests have; nothing is pulled. Two threads on two busy cores would only spin. */
async function createModel(server: WorkerTestHarness): Promise<void> {
  const file = join(folders.path, "Modelfile");
  await writeFile(file, `FROM ${TestModel.smolLm2().path}\nPARAMETER num_thread 1\n`);
  const { exitCode, output } = await runProgram(ollama, ["create", "smollm2", "-f", file], {
    OLLAMA_HOST: server.baseUrl,
    HOME: folders.path,
  });
  expect(exitCode, output).toBe(0);
}

describeServer({
  name: "Ollama",
  missing: ollama.missing ?? missingLlamaServer,
  options: () => {
    const preset = servers.ollama({ model: "smollm2", parallel: 1, contextSize: 2048 });
    const env = { ...preset.env, OLLAMA_MODELS: join(folders.path, "models"), HOME: folders.path };
    return { ...preset, command: ollama.command, env };
  },
  prepare: createModel,
  recognized: "ollama",
  hasProbe: false,
  dialects: {
    ollama: { ...EXPECTED, refusal: { fields: { model: "other" }, status: 404, message: "not found" } },
    "openai-chat": { ...EXPECTED, refusal: { fields: { model: "other" }, status: 404, message: "not found" } },
    anthropic: { ...EXPECTED, fields: { seed: null } },
  },
});
