import { cpSync, existsSync, mkdirSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { TestModel } from "../../src/models/index.js";
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

/** A cache folder in which `engine install` has put the engine, if `has`. */
function cacheFolder(has: boolean): { readonly INFERENCE_TESTKIT_CACHE: string } {
  const cache = createTemporaryFolder();
  if (has) {
    const modules = join(cache, "engine", "node_modules");
    mkdirSync(modules, { recursive: true });
    symlinkSync(findPackage("node-llama-cpp"), join(modules, "node-llama-cpp"), "dir");
  }
  return { INFERENCE_TESTKIT_CACHE: cache };
}

test("demo shows the stub engine and says how to install the other one", async () => {
  const { exitCode, stdout } = await runCli(["demo"], { bin: installWithoutNodeLlamaCpp(), env: cacheFolder(false) });
  expect(stdout).toContain("The llama engine is not installed: nothing of it was shown.");
  expect(stdout).toContain("npx inference-testkit engine install");
  expect(stdout).toContain("checks on 1 engine passed");
  expect(exitCode).toBe(0);
});

test.each(["llama", "both"])("demo --engine %s fails and says how to install it", async (engine) => {
  const options = { bin: installWithoutNodeLlamaCpp(), env: cacheFolder(false) };
  const { exitCode, stdout } = await runCli(["demo", "--engine", engine], options);
  expect(stdout).toContain(
    "✗ start   [SPAWN_FAILED] the llama engine needs the package node-llama-cpp, which is not installed",
  );
  expect(stdout).toContain("hint: Install it with `npx inference-testkit engine install`, or into your project");
  expect(exitCode).toBe(1);
});

test("demo finds the engine that `engine install` has put into the cache folder", async () => {
  const options = { bin: installWithoutNodeLlamaCpp(), env: cacheFolder(true) };
  const { exitCode, stdout } = await runCli(["demo"], options);
  expect(stdout).toContain("Llama engine: real llama.cpp");
  expect(stdout).toContain("checks on 2 engines passed");
  expect(exitCode).toBe(0);
});

test("a model without the engine fails at once and says how to install it", async () => {
  const options = { bin: installWithoutNodeLlamaCpp(), env: cacheFolder(false) };
  const { path } = await TestModel.synthetic();
  const args = ["worker", "--", "--port", "0", "--model", path, "--gpu-device", "-1"];
  const { exitCode, stdout, stderr } = await runCli(args, options);
  expect(stdout + stderr).toContain("MODEL_LOAD_FAILED");
  expect(stdout + stderr).toContain("npx inference-testkit engine install");
  expect(exitCode).not.toBe(0);
});

test("models pull does not need it", async () => {
  const { url } = await startModelServer(await createModelBytes());
  const args = ["models", "pull", "tiny", "--url", url, "--dir", createTemporaryFolder()];
  const { exitCode } = await runCli(args, { bin: installWithoutNodeLlamaCpp() });
  expect(exitCode).toBe(0);
});
