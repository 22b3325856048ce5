import { collectStream, makeTestRequest } from "inference-testkit";
import { expect, test } from "inference-testkit/vitest";

const evidence = { folder: process.env.EVIDENCE_FOLDER, ...JSON.parse(process.env.EVIDENCE_OPTIONS) };
test.override("evidence", evidence);

const run = async (worker) => collectStream(await worker.execute(makeTestRequest("job-1", "Hello", 3)));

test("passes", async ({ mockWorker }) => {
  expect(await run(mockWorker)).toCompleteSuccessfully();
});

test("fails: it has three tokens", async ({ mockWorker }) => {
  expect(await run(mockWorker)).toHaveTokenCount(4);
});

test("fails after its end", async ({ mockWorker, onTestFinished }) => {
  await run(mockWorker);
  onTestFinished(() => undefined);
  expect.soft(1).toBe(2);
});

test("needs no worker", () => undefined);
