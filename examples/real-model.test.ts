// #region real-model
import { expect, test } from "vitest";
import {
  assertSuccessfulCompletion,
  collectSseEvents,
  extractText,
  makeTestRequest,
  TestModel,
  WorkerTestHarness,
} from "inference-testkit";

test("the same seed gives the same text", async () => {
  const model = await TestModel.synthetic(); // or TestModel.qwen2_5_0_5b(), or TestModel.fromFile("my.gguf")
  await using worker = await WorkerTestHarness.start(model.path, -1, { threads: 1 }); // -1: the CPU; 0: the first GPU

  const ask = async (jobId: string) => {
    const events = await collectSseEvents(await worker.execute(makeTestRequest(jobId, "Write a haiku", 20)));
    assertSuccessfulCompletion(events);
    return extractText(events);
  };

  expect(await ask("first")).toBe(await ask("second"));
});
// #endregion
