import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createTemporaryFolder, runCli } from "./run-cli.js";

const QWEN_FILE = "Qwen2.5-0.5B-Instruct-Q4_K_M.gguf";

interface Listed {
  readonly models: readonly Readonly<Record<string, unknown>>[];
}

function createFolders(): { models: string; env: Record<string, string> } {
  const models = createTemporaryFolder();
  return { models, env: { INFERENCE_TESTKIT_MODELS: models, INFERENCE_TESTKIT_CACHE: createTemporaryFolder() } };
}

test("it shows the known models, where they were looked for, and how to get missing ones", async () => {
  const { models, env } = createFolders();
  const { exitCode, stdout, stderr } = await runCli(["models", "list"], { env });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const normalised = stdout
    .replaceAll(models, "<models>")
    .replaceAll(env["INFERENCE_TESTKIT_CACHE"]!, "<cache>")
    .replaceAll(/synthetic-[0-9a-f]{16}/g, "synthetic-<hash>")
    .replaceAll(/\d+\.\d KiB/g, "<size>");
  expect(normalised).toMatchInlineSnapshot(`
    "qwen2.5-0.5b-instruct-q4_k_m  missing
      about  the reference model: small, real answers, Apache-2.0
      path   <models>/Qwen2.5-0.5B-Instruct-Q4_K_M.gguf
      size   468.6 MiB to download
      shape  24 layers, 2 KV heads of 64, vocabulary 151936
      get    inference-testkit models pull qwen2.5-0.5b-instruct-q4_k_m
    synthetic  present
      about  tiny, random weights, gibberish; generated on this machine on first use
      path   <cache>/synthetic-<hash>.gguf
      size   <size>
      shape  2 layers, 2 KV heads of 16, vocabulary 290
    "
  `);
});

test("--json has the same in machine-readable form", async () => {
  const { models, env } = createFolders();
  const { exitCode, stdout } = await runCli(["models", "list", "--json"], { env });
  expect(exitCode).toBe(0);
  const [qwen, synthetic] = (JSON.parse(stdout) as Listed).models;
  const shape = { numLayers: 24, numKvHeads: 2, headDim: 64, vocabSize: 151_936 };
  expect(qwen).toMatchObject({ state: "missing", path: join(models, QWEN_FILE), ...shape });
  expect(synthetic).toMatchObject({ name: "synthetic", state: "present", numLayers: 2 });
});

test.for([
  ["present", 491_400_032],
  ["damaged", 1_000],
] as const)("a file is %s when it has %i bytes", async ([state, sizeBytes]) => {
  const { models, env } = createFolders();
  const path = join(models, QWEN_FILE);
  writeFileSync(path, "");
  truncateSync(path, sizeBytes); // a hole: it takes no space
  const { stdout } = await runCli(["models", "list", "--json"], { env });
  expect((JSON.parse(stdout) as Listed).models[0]).toMatchObject({ state, sizeBytes, expectedSizeBytes: 491_400_032 });
});
