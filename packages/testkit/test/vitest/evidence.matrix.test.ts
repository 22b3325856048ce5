import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readEvidence, type RecordOptions } from "inference-testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { nameBundle } from "../../src/fixtures/evidence.js";

const VITEST = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
const RUNS = join(import.meta.dirname, "runs");

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "inference-testkit-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs the cases, of which two fail, and gives back the folders of the bundles. */
async function runCases(options: RecordOptions): Promise<string[]> {
  const env = { ...process.env, EVIDENCE_FOLDER: folder, EVIDENCE_OPTIONS: JSON.stringify(options) };
  const output = await new Promise<string>((resolve) => {
    const args = [VITEST, "run", "--root", RUNS, "--config", join(RUNS, "vitest.config.mjs"), "--no-color"];
    execFile(process.execPath, args, { env }, (_, stdout, stderr) => resolve(stdout + stderr));
  });
  expect(output).toMatch(/Tests +2 failed \| 2 passed/);
  return (await readdir(folder)).sort();
}

test("the bundles of failed tests are kept, with Vitest's error", async () => {
  const names = await runCases({});

  expect(names).toEqual([
    expect.stringMatching(/^verdicts-case-mjs-fails-after-its-end-[0-9a-f]{8}-mock$/),
    expect.stringMatching(/^verdicts-case-mjs-fails-it-has-three-tokens-[0-9a-f]{8}-mock$/),
  ]);
  const { jobs, metadata, verdicts } = await readEvidence(join(folder, names[1]!));
  expect(metadata.testName).toBe("verdicts.case.mjs > fails: it has three tokens");
  expect(jobs[0]!.stream.events).toHaveLength(5);
  expect(verdicts.verdicts).toMatchObject([
    { name: "test", status: "fail", message: expect.stringContaining("[TOKEN_COUNT_MISMATCH]") as string },
  ]);
});

test("always, and redaction hides the test name", async () => {
  const names = await runCases({ when: "always", redact: true });

  expect(names).toHaveLength(3);
  for (const name of names) {
    expect(name).toMatch(/^[0-9a-f]{8}-mock$/);
    const { metadata } = await readEvidence(join(folder, name));
    expect(metadata.testName).toMatch(/^\[redacted: \d+ characters, sha256 [0-9a-f]{64}\]$/);
  }
});

test("names of bundles are readable, bounded, and differ", () => {
  expect(nameBundle("a/b.test.ts > Ünï: “c”?", "1_0")).toMatch(/^a-b-test-ts-Ünï-c-[0-9a-f]{8}$/);
  expect(nameBundle("../../etc", "1_0")).toMatch(/^etc-[0-9a-f]{8}$/);
  expect(nameBundle("", "1_0")).toMatch(/^[0-9a-f]{8}$/);
  expect(nameBundle("x".repeat(500), "1_0")).toHaveLength(89);
  expect(nameBundle("same", "1_0")).not.toBe(nameBundle("same", "1_1"));
});
