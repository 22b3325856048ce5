// #region fixtures
import { collectSseEvents, makeTestRequest, TestPrompts } from "inference-testkit";
import { expect, test } from "inference-testkit/vitest";

test.override("mockOptions", { parallel: 2 }); // for this file

test("the fixture starts and stops a worker", async ({ mockWorker }) => {
  const events = await collectSseEvents(await mockWorker.execute(makeTestRequest("job-1", "Hello", 5)));

  expect(events).toHaveEventOrder();
  expect(events).toCompleteSuccessfully();
  expect(events).toHaveTokenCount(5);
});

test("matchers know stop sequences", async ({ mockWorker }) => {
  const { prompt, stop } = TestPrompts.withStop();
  const response = await mockWorker.execute(makeTestRequest("job-1", prompt, 100, { stop }));

  expect(await collectSseEvents(response)).toStopAt("}");
});

test("real llama.cpp on a tiny model", async ({ llamaWorker }) => {
  const events = await collectSseEvents(await llamaWorker.execute(makeTestRequest("job-1", "Hello", 5)));

  expect(events).toCompleteSuccessfully();
});
// #endregion
