// #region gpu
import { assertStreamed, collectStream, makeTestRequest, TestModel } from "inference-testkit";
import { expect, test } from "inference-testkit/vitest";

const modelPath = process.env["MODEL"] ?? (await TestModel.synthetic()).path;

test.override("workerOptions", { modelPath, vramMiB: 9_000 }); // waits until a GPU has room, and runs there
test.override("evidence", { folder: "evidence" }); // kept for tests that fail

test("tokens arrive while the rest is generated", { timeout: 120_000 }, async ({ worker }) => {
  const stream = await collectStream(await worker.execute(makeTestRequest("job-1", "Write a haiku", 64)));

  expect(stream).toCompleteSuccessfully();
  assertStreamed(stream);
});
// #endregion
