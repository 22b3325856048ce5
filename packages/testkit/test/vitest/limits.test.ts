import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { readEvidence } from "inference-testkit";
import { expect, test } from "vitest";
import { createTemporaryFolder } from "../../../../tests/support/temporary-folder.js";
import { runVitest } from "./run-vitest.js";

const TIMEOUT_MS = 180_000;
test(
  "the log of the worker is printed for an assertion that knows nothing of it",
  { timeout: TIMEOUT_MS },
  async () => {
    const { output } = await runVitest("limit-runs", { filters: ["assertion"] }).ended;

    expect(output).toMatch(/Tests +1 failed \(1\)/);
    expect(output).toContain("AssertionError: expected 1 to be 2");
    expect(output).toMatch(/last \d+ log lines of worker worker-\w+:\n(.*\n)* {2}\| .*"event":"execute_end"/);
  },
);

test("the clock of a test starts after the hook that used its worker", { timeout: TIMEOUT_MS }, async () => {
  const { code, output } = await runVitest("limit-runs", { filters: ["hook"] }).ended;

  expect(output).toMatch(/Tests +1 passed \(1\)/);
  expect(code).toBe(0);
});

test(
  "a shared worker leaves the evidence of the test that failed, and of no other",
  { timeout: TIMEOUT_MS },
  async () => {
    await using folder = await createTemporaryFolder();
    const env = { EVIDENCE_FOLDER: folder.path };
    const { output } = await runVitest("limit-runs", { filters: ["evidence"], env }).ended;

    expect(output).toMatch(/Tests +1 failed \| 2 passed \(3\)/);
    const bundles = await readdir(folder.path);
    expect(bundles).toEqual([expect.stringMatching(/^fails-\w+-worker$|-fails-\w+-worker$/)]);
    const { jobs } = await readEvidence(join(folder.path, bundles[0] as string));
    expect(jobs.map(({ jobId }) => jobId)).toEqual(["job-2"]);
    expect(new Set(output.match(/worker-[0-9a-f]{12}/g)).size).toBe(1);
  },
);
