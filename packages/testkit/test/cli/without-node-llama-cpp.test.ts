import { cpSync, existsSync, mkdirSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createModelBytes, startModelServer } from "./model-server.js";
import { createTemporaryFolder, runCli } from "./run-cli.js";

const PACKAGES = fileURLToPath(new URL("../../../", import.meta.url));
const OWN_PACKAGES = {
  "inference-testkit": "testkit",
  "inference-worker-protocol": "protocol",
  "worker-orcd": "worker",
  "worker-orcd-control": "control",
};
const LIBRARIES = ["commander", "eventsource-parser", "lossless-json", "undici", "valibot"];

/** The built packages in a folder of their own, installed without the optional dependency; resolves with the program. */
function installWithoutNodeLlamaCpp(): string {
  const modules = join(createTemporaryFolder(), "node_modules");
  for (const [name, folder] of Object.entries(OWN_PACKAGES)) {
    for (const part of ["package.json", "dist", ...(["protocol", "control"].includes(folder) ? [] : ["bin"])]) {
      cpSync(join(PACKAGES, folder, part), join(modules, name, part), { recursive: true });
    }
  }
  for (const name of LIBRARIES) symlinkSync(findPackage(name), join(modules, name), "dir");
  mkdirSync(join(modules, "@huggingface"));
  symlinkSync(findPackage("@huggingface/gguf"), join(modules, "@huggingface", "gguf"), "dir");
  return join(modules, "inference-testkit", "bin", "inference-testkit.js");
}

function findPackage(name: string): string {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? [];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))!;
}

test("demo: the stub engine passes, the llama engine explains how to install its dependency", async () => {
  const { exitCode, stdout } = await runCli(["demo"], { bin: installWithoutNodeLlamaCpp() });
  expect(exitCode).toBe(1);
  expect(stdout).toContain("✓ clean");
  expect(stdout).toContain(
    "✗ start   [SPAWN_FAILED] the llama engine needs the optional dependency node-llama-cpp, which is not installed",
  );
  expect(stdout).toContain("hint: Install it with `npm install node-llama-cpp`.");
  expect(stdout).toContain("inference-testkit demo --engine stub");
});

test("demo --engine stub passes", async () => {
  const { exitCode } = await runCli(["demo", "--engine", "stub"], { bin: installWithoutNodeLlamaCpp() });
  expect(exitCode).toBe(0);
});

test("models pull does not need it", async () => {
  const { url } = await startModelServer(await createModelBytes());
  const args = ["models", "pull", "tiny", "--url", url, "--dir", createTemporaryFolder()];
  const { exitCode } = await runCli(args, { bin: installWithoutNodeLlamaCpp() });
  expect(exitCode).toBe(0);
});
