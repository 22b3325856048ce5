import { collectSseEvents, makeTestRequest } from "inference-testkit";
import { expect, test } from "inference-testkit/vitest";

test.override({ workerPool: { scope: "file" }, evidence: { folder: process.env.EVIDENCE_FOLDER } });

const run = async (worker, jobId) => collectSseEvents(await worker.execute(makeTestRequest(jobId, "Hello", 3)));

test("passes", async ({ worker }) => {
  expect(await run(worker, "job-1")).toHaveTokenCount(3);
});

test("fails", async ({ worker }) => {
  expect(await run(worker, "job-2")).toHaveTokenCount(4);
});

test("passes on the same worker", async ({ worker }) => {
  expect(await run(worker, "job-3")).toHaveTokenCount(3);
});
