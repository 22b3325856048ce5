import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const BIN = new URL("../../packages/testkit/bin/inference-testkit.js", import.meta.url).pathname;
const isMissing = spawnSync("go", ["version"]).status !== 0;

async function runGo(command: string): Promise<string> {
  const env = { ...process.env, INFERENCE_TESTKIT: command, GOTOOLCHAIN: "local" };
  const options = { cwd: import.meta.dirname, env, timeout: 280_000 };
  const run = await promisify(execFile)("go", ["test", "-count=1", "-v", "./..."], options).catch((error: unknown) => {
    return error as { readonly stdout: string };
  });
  return run.stdout;
}

test.skipIf(isMissing)("the Go example tests a worker (needs go in PATH)", { timeout: 300_000 }, async () => {
  expect(await runGo(`${process.execPath} ${BIN}`)).toContain("--- PASS: TestAPromptIsAnsweredWithFiveTokens");
});

test.skipIf(isMissing)("the Go example fails without an engine (needs go in PATH)", { timeout: 300_000 }, async () => {
  expect(await runGo("/no/such/program")).toContain("--- FAIL: TestAPromptIsAnsweredWithFiveTokens");
});
