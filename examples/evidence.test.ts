import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  assertSuccessfulCompletion,
  assertTokenCount,
  collectSseEvents,
  makeTestRequest,
  readEvidence,
  replay,
  WorkerTestHarness,
} from "inference-testkit";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "inference-testkit-example-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("a job leaves evidence", async () => {
  // #region record
  await using worker = await WorkerTestHarness.startMock();
  const recording = await worker.recordTo(folder, { redact: { prompts: true } });

  const events = await collectSseEvents(await worker.execute(makeTestRequest("job-1", "Hello", 5)));
  assertSuccessfulCompletion(events);
  recording.verdict("five tokens", events.length === 7 ? "pass" : "fail", `${events.length} events`);

  await worker.stop(); // writes the bundle; so does the end of the scope
  // #endregion
  expect(recording.isWritten).toBe(true);
});

test("the evidence can be judged without a worker", async () => {
  // #region replay
  const { jobs, metadata, verdicts } = await readEvidence(folder);
  const [job] = jobs;

  assertTokenCount(job!.stream, 5);
  for (const stream of await replay(folder, "job-1")) assertSuccessfulCompletion(stream);
  // #endregion
  expect(metadata.redacted.prompts).toBe(true);
  expect(verdicts.verdicts).toMatchObject([{ name: "five tokens", status: "pass" }]);
});
