import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { expectHarmless } from "../terminal/expect-safe.js";

const VITEST = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
const RUNS = join(import.meta.dirname, "hostile-runs");
const TIMEOUT_MS = 120_000;
/** Named in the messages: each way has arrived. */
const CODES = [
  ...["PROCESS_DIED", "INVALID_RESPONSE", "WRONG_IDENTITY", "HTTP_FAILED"],
  ...["NOT_ALL_OK", "COMPLETION_FAILED", "INVALID_EVENT"],
];

/** Runs the cases, all of which fail, with the reporter named, and returns everything that was printed. */
async function runCases(reporter: string, log: string): Promise<string> {
  const env = { ...process.env, NO_COLOR: "1", INFERENCE_TESTKIT_LOG: log };
  const args = [VITEST, "run", "--root", RUNS, "--config", join(RUNS, "vitest.config.mjs"), "--reporter", reporter];
  return new Promise((resolve) => {
    const options = { env, timeout: TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, args, options, (_, stdout, stderr) => resolve(`${stdout}\n${stderr}`));
  });
}

test("Vitest prints no control character of a worker and no line that it forged", { timeout: TIMEOUT_MS }, async () => {
  const output = await runCases("default", "");

  expect(output).toMatch(/Tests +23 failed \(23\)/);
  for (const code of CODES) expect(output).toContain(`[${code}]`);
  expect(output).toMatch(/last \d+ log lines of worker /);
  expectHarmless(output);
  expect(output).not.toContain("X".repeat(101));
});

test("the echo of a worker's log is also harmless", { timeout: TIMEOUT_MS }, async () => {
  const output = await runCases("tap", "debug");

  expect(output).toMatch(/^\[[^\]]+ stderr\] .*\\x1b\[32m✓ forged verdict/m);
  expectHarmless(output);
});
