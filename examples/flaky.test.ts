// #region flaky
import { assertStreamed, collectStream, makeTestRequest } from "inference-testkit";
import { expect, test } from "inference-testkit/vitest";

test.override("mockOptions", { parallel: 2, stub: { timing: { itlMs: { normal: { meanMs: 12, sdMs: 4 } } } } });
test.override("evidence", { folder: "evidence/flaky" }); // the bundle of the run that fails is kept

test("an answer is streamed", { repeats: 5, timeout: 20_000 }, async ({ mockWorker }) => {
  const stream = await collectStream(await mockWorker.execute(makeTestRequest("job-1", "Hello", 24)));

  expect(stream).toCompleteSuccessfully();
  assertStreamed(stream);
});
// #endregion
