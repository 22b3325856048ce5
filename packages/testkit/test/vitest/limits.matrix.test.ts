import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { readEvidence } from "inference-testkit";
import { expect, test } from "vitest";
import { createTemporaryFolder } from "../../../../tests/support/temporary-folder.js";
import { runVitest } from "./run-vitest.js";

const TIMEOUT_MS = 180_000;
const LIMIT = "The limit of the test, 6000 ms \\(Vitest\\), was about to pass after \\d+ ms of waiting for ";

test(
  "every wait for a worker ends before Vitest ends the test, and says what it was",
  { timeout: TIMEOUT_MS },
  async () => {
    const { output } = await runVitest("limit-runs", { filters: ["waits"] }).ended;
    const limit = (wait: string) => new RegExp(`\\[TEST_TIMEOUT\\] ${LIMIT}${wait}`);

    expect(output).not.toContain("Test timed out");
    expect(output).toMatch(/Tests +7 failed \(7\)/);
    expect(output).toMatch(limit("the worker to be ready: status 200 from http"));
    expect(output).toMatch(limit("the headers of the answer to POST http"));
    expect(output).toMatch(limit("the worker to be idle: 1 busy, 0 queued"));
    expect(output).toMatch(limit("the end of the worker process"));
    const stream = (wait: string) =>
      new RegExp(`\\[TEST_TIMEOUT\\] The stream failed after .*: ${LIMIT.replace("The", "the")}${wait}`);
    expect(output).toMatch(stream("the first token"));
    expect(output).toMatch(stream("the next token"));
    expect(output).toMatch(/Error: transport-error: \[TEST_TIMEOUT\] The limit of the test/);
    expect(output).toMatch(/last \d+ log lines of the worker:\n {2}\| .*"event":"startup"/);
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
