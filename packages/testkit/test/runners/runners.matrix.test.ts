import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { WorkerTestHarness } from "inference-testkit";
import type { test as playwrightTest } from "inference-testkit/playwright";
import type { test as nodeTest } from "inference-testkit/node-test";
import type { test as jestTest } from "inference-testkit/jest";
import { expect, expectTypeOf, test } from "vitest";
import { createTemporaryFolder } from "../../../../tests/support/temporary-folder.js";

const TIMEOUT_MS = 180_000;
const require = createRequire(import.meta.url);
const fileOf = (name: string, file: string) => join(dirname(require.resolve(`${name}/package.json`)), file);

/** Runs the cases in their runner and returns everything that it printed. */
async function run(args: readonly string[]): Promise<string> {
  await using folder = await createTemporaryFolder();
  const { NODE_TEST_CONTEXT: _, ...own } = process.env;
  const env = { ...own, NO_COLOR: "1", FORCE_COLOR: "0", OUTPUT_FOLDER: folder.path, TMPDIR: folder.path };
  return await new Promise((resolve) => {
    const options = { env, cwd: import.meta.dirname, timeout: TIMEOUT_MS };
    execFile(process.execPath, args, options, (_error, stdout, stderr) => resolve(stdout + stderr));
  });
}

const waitOf = (runner: string, limitMs: number) =>
  new RegExp(
    `\\[TEST_TIMEOUT\\] The stream failed after .*: the limit of the test, ${limitMs} ms \\(${runner}\\), was about to pass after \\d+ ms of waiting for the first token`,
  );
const SOMETHING_ELSE =
  /\[TEST_TIMEOUT\] The limit of the test, 9000 ms \(.*\), was about to pass after \d+ ms of waiting for something other than the worker/;
const PRINTED_LOG = /last \d+ log lines of worker worker-\w+:\n(.*\n)*? {2}\| .*"event":"execute_end"/;

test("Jest: waits end before Jest ends the test, and the log is printed", { timeout: TIMEOUT_MS }, async () => {
  const flags = ["--experimental-vm-modules", "--disable-warning=ExperimentalWarning"];
  const jest = [fileOf("jest", "bin/jest.js"), "--rootDir", import.meta.dirname, "--testMatch", "**/waits.jest.mjs"];
  const output = await run([...flags, ...jest, "--testEnvironment", "node"]);

  expect(output).toMatch(/Tests: +4 failed, 4 total/);
  expect(output).not.toContain("Exceeded timeout");
  expect(output).toMatch(waitOf("Jest", 9000));
  expect(output).toMatch(waitOf("Jest", 8500));
  expect(output).toMatch(SOMETHING_ELSE);
  expect(output).toMatch(PRINTED_LOG);
});

test(
  "node:test: waits end before the runner ends the test, and the log is printed",
  { timeout: TIMEOUT_MS },
  async () => {
    const output = await run(["--test", "--test-reporter=tap", join(import.meta.dirname, "waits.node.mjs")]);

    expect(output).toMatch(/^# fail 4$/m);
    expect(output).not.toContain("test timed out");
    expect(output).toMatch(waitOf("node:test", 9000));
    expect(output).toMatch(waitOf("node:test", 8500));
    expect(output).toMatch(SOMETHING_ELSE);
    expect(output).toMatch(/last \d+ log lines of worker worker-\w+:/);
    expect(output).toContain("execute_end");
  },
);

test("node:test: a limit of the whole file counts, too", { timeout: TIMEOUT_MS }, async () => {
  const flags = ["--test", "--test-reporter=tap", "--test-timeout=12000"];
  const output = await run([...flags, join(import.meta.dirname, "waits-long.node.mjs")]);

  expect(output).toMatch(waitOf("node:test, its file", 12000));
});

test(
  "Playwright Test: waits end before Playwright ends the test, and the log is printed",
  { timeout: TIMEOUT_MS },
  async () => {
    const output = await run([
      fileOf("@playwright/test", "cli.js"),
      "test",
      "--config",
      join(import.meta.dirname, "playwright.config.mjs"),
    ]);

    expect(output).toMatch(/^ +3 failed$/m);
    expect(output).not.toContain("Test timeout of");
    expect(output).toMatch(waitOf("Playwright", 9000));
    expect(output).toMatch(waitOf("Playwright", 8500));
    expect(output).toMatch(PRINTED_LOG);
  },
);

test("the tests of every runner have types", () => {
  type Jest = typeof jestTest;
  type NodeTest = typeof nodeTest;
  type Playwright = typeof playwrightTest;
  type WorkerOf<Body> = Body extends (fixtures: infer Fixtures, ...others: never[]) => unknown ? Fixtures : never;

  expectTypeOf<WorkerOf<Parameters<Jest>[1]>["worker"]>().toEqualTypeOf<WorkerTestHarness>();
  expectTypeOf<WorkerOf<Parameters<NodeTest>[2]>["worker"]>().toEqualTypeOf<WorkerTestHarness>();
  expectTypeOf<Parameters<Playwright["use"]>[0]>().toHaveProperty("workerOptions");
});
