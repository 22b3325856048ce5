import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { SpawnFailedError } from "../../../src/errors/index.js";
import { launchWorker, resolveLaunchOptions, type LaunchOptions } from "../../../src/launch/index.js";
import { validatePlatform } from "../../../src/launch/process/spawn-failure.js";
import { errorOf, normalise } from "../helpers.js";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "inference-testkit-test-spawn-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

async function failureOf(options: LaunchOptions): Promise<string> {
  const error = await errorOf(launchWorker(resolveLaunchOptions(options)));
  expect(error).toBeInstanceOf(SpawnFailedError);
  expect(error.cause).toBeInstanceOf(Error);
  return normalise(error.message, { [folder]: "<folder>" });
}

test("a program that is not in PATH: the message has the searched folders", async () => {
  const env = { PATH: `${folder}/a:${folder}/b` };
  expect(await failureOf({ command: "no-such-worker", args: ["--x"], env })).toMatchInlineSnapshot(`
    "[SPAWN_FAILED] The program "no-such-worker" was not found in PATH
    hint: Install or build it, extend PATH in \`env\`, or set its path as \`command\`.
      command: no-such-worker --x
      cwd: <cwd>
      error: ENOENT
      lookedIn: ["<folder>/a","<folder>/b"]"
  `);
});

test("a path that does not exist: the message says how the program is built", async () => {
  writeFileSync(join(folder, "Cargo.toml"), "");
  const options = { command: "./target/release/worker", cwd: folder };
  expect(await failureOf(options)).toMatchInlineSnapshot(`
    "[SPAWN_FAILED] The program does not exist: <folder>/target/release/worker
    hint: Build it first: \`cargo build --release\` in <folder>
      command: ./target/release/worker
      cwd: <folder>
      error: ENOENT"
  `);
});

test("a path that does not exist, without any source nearby", async () => {
  expect(await failureOf({ command: "/no/such/worker" })).toMatchInlineSnapshot(`
    "[SPAWN_FAILED] The program does not exist: /no/such/worker
    hint: Build it first, or correct \`command\`; a relative path counts from \`cwd\`.
      command: /no/such/worker
      cwd: <cwd>
      error: ENOENT"
  `);
});

test("a missing working directory is distinguished from a missing program", async () => {
  expect(await failureOf({ command: process.execPath, cwd: join(folder, "nowhere") })).toMatchInlineSnapshot(`
    "[SPAWN_FAILED] The working directory does not exist: <folder>/nowhere
    hint: Create it, or correct \`cwd\`.
      command: <node>
      cwd: <folder>/nowhere
      error: ENOENT"
  `);
});

test("a working directory that is a file", async () => {
  writeFileSync(join(folder, "file"), "");
  const message = await failureOf({ command: process.execPath, cwd: join(folder, "file") });
  expect(message).toContain("The working directory is not a folder: <folder>/file");
});

test("a file that is not executable", async () => {
  writeFileSync(join(folder, "worker"), "#!/bin/sh\n");
  chmodSync(join(folder, "worker"), 0o644);
  expect(await failureOf({ command: join(folder, "worker") })).toMatchInlineSnapshot(`
    "[SPAWN_FAILED] The program may not be executed: <folder>/worker
    hint: Make it executable: chmod +x <folder>/worker
      command: <folder>/worker
      cwd: <cwd>
      error: EACCES"
  `);
  const fromPath = await failureOf({ command: "worker", env: { PATH: folder } });
  expect(fromPath).toContain("The program may not be executed: <folder>/worker");
});

test("a folder", async () => {
  mkdirSync(join(folder, "worker"));
  expect(await failureOf({ command: join(folder, "worker") })).toContain("The program is a folder: <folder>/worker");
});

test("a script whose interpreter does not exist", async () => {
  writeFileSync(join(folder, "worker"), "#!/no/such/python3\n");
  chmodSync(join(folder, "worker"), 0o755);
  const message = await failureOf({ command: join(folder, "worker") });
  expect(message).toContain("The program exists, but /no/such/python3 does not: <folder>/worker");
});

test("arguments that are too large for the operating system", async () => {
  const message = await failureOf({ command: process.execPath, args: ["x".repeat(3_000_000)] });
  expect(message).toContain("The start failed: spawn E2BIG");
  expect(message.length).toBeLessThan(5_000);
});

test("Windows is rejected with the reason", () => {
  expect(() => validatePlatform("win32")).toThrow(SpawnFailedError);
  expect(() => validatePlatform("win32")).toThrow("it has no process groups");
  expect(() => validatePlatform("darwin")).not.toThrow();
});
